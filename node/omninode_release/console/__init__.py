"""How a person sees a run."""
