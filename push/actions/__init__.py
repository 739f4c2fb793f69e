"""What is stored of subscriptions and of what people are to be told."""
