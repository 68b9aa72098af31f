"""Makes this directory importable, so that tests share modules: ``from vectors.recorded import load``."""
