"""From labelled pictures to a model with a card: train, evaluate, calibrate, export."""
