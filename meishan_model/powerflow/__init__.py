"""The grid as a grid planner checks it: volts, amperes and what happens when a line is out."""
