// Orders out of a Parquet file into CSV.
#include <venturi/files.h>

#include "ledger.h"

using namespace venturi;

VENTURI_DAG(bench_parquet, {.is_paused_upon_creation = false}) {
  dag.add(ParquetToCsvOperator{
      .task_id = "convert", .path = "{{ dag_run.conf.parquet }}", .output_path = "{{ dag_run.conf.csv }}"});
}
