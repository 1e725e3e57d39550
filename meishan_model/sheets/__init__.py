"""Sheets and scenarios on disk, read into frozen, typed, validated objects; nothing of oemof."""
