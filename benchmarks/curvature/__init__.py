"""Estimators of curvature scored on made alignments whose truth is known."""
