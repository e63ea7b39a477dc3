"""The steps of one repository's release; ``registry`` lists them in their order."""
