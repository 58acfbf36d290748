"""Readers: the rows of a CSV file, a Parquet file or a dataframe as columns of numbers, stamps and names."""
