"""User-defined functions: modules that the cluster keeps, and the records that they are called on."""
