"""What a person should know: each rule is a function from what is known to sentences."""
