"""A live page: sliders, switches and auto-tune over a run that is filtered again at every move."""
