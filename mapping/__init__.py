"""What a lead is: pure decisions, values in and values out."""
