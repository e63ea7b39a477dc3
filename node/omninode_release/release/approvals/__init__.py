"""What a person is told and asked at the gate."""
