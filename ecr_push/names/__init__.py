"""What an image is called: tags by kind and by rule, labels, annotations."""
