"""The version of the package; holds nothing else."""

__version__ = "0.1.0"
