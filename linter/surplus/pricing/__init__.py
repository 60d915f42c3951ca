"""What things cost: the price book, the cost models, the cost of a resource."""
