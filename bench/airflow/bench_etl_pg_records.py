"""The share of orders in error, as a task of Airflow's reads them: all rows by PostgresHook.get_records()."""

import datetime

from airflow.sdk import DAG, task

with DAG("bench_etl_pg_records", schedule=None, start_date=datetime.datetime(2024, 1, 1), catchup=False):

    @task
    def count():
        import resource

        from airflow.providers.postgres.hooks.postgres import PostgresHook

        rows = PostgresHook(postgres_conn_id="bench_pg").get_records("select id, customer_id, amount, status, created_at from orders")
        in_error = sum(1 for row in rows if row[3] == "error")
        return {"all": len(rows), "in_error": in_error, "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}

    count()
