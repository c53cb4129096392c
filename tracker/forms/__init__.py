"""What readers may ask for, and what they may send. Parameters are those of DESIGN, section 4."""
