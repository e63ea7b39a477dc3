"""The single checks of the pre-flight: questions to a program, a service, a repository."""
