"""Records as columns: a batch into an array of NumPy, a scan into a Parquet file, batch after batch.

Look at the ages: what a record does not have is masked in the array and null in the file; no number is made up.

    pip install 'triospike[numpy,arrow]'
    python examples/columns.py [HOST:PORT ...]
"""

import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import trio

import triospike
from triospike import Key, columns
from triospike.query import Statement

SCHEMA = pa.schema([("name", pa.string()), ("age", pa.int16()), ("generation", pa.int32())])


async def main(*hosts: str) -> None:
    """Write people, and read them as columns."""
    async with triospike.open_client(*hosts) as client:
        keys = [Key("test", "columns", number) for number in range(2000)]
        for number, key in enumerate(keys):
            known = {} if number % 10 == 0 else {"age": number % 100}
            await client.put(key, {"name": f"person {number}", **known})

        array = columns.numpy_array(await client.batch_get(keys), [("name", "U20"), ("age", "i2")])
        ages = array["age"]
        print(f"array: {len(array)} rows, {ages.mask.sum()} ages missing, the others {ages.mean():.1f} on average")

        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "people.parquet")
            with parquet.ParquetWriter(path, SCHEMA) as writer:
                async with client.query(Statement("test", "columns")) as records:
                    async for batch in columns.arrow_batches(records, SCHEMA, chunk=500, metadata=["generation"]):
                        writer.write_batch(batch)
                        print(f"record batch of {batch.num_rows} rows")
            table = parquet.read_table(path)
        print(f"file: {table.num_rows} rows, {table['age'].null_count} ages missing")
        await client.truncate("test", "columns")


trio.run(main, *(sys.argv[1:] or ["embedded://?nodes=3"]))
