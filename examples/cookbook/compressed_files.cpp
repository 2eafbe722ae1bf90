// Compressed files: CSV in gzip's format, read and written as it is, and whole files packed and unpacked.
#include <venturi/dag.h>
#include <venturi/files.h>
using namespace venturi;

// [whole]
VENTURI_DAG(compressed_files) {
  auto made = dag.add(BashOperator{
      .task_id = "make",
      .bash_command =
          R"(folder=$(mktemp -d); printf 'id,status\n1,ok\n2,error\n' | gzip > $folder/orders.csv.gz; echo $folder)"});
  // By the ending of their names both are compressed; "none" and "gzip" say it otherwise.
  auto lines = dag.add(CsvToJsonLinesOperator{.task_id = "convert",
                                              .path = "{{ ti.xcom_pull('make') }}/orders.csv.gz",
                                              .output_path = "{{ ti.xcom_pull('make') }}/orders.jsonl.gz",
                                              .columns = {{"id", ColumnType::int64}, {"status", ColumnType::string}}});
  auto unpacked = dag.add(DecompressFileOperator{.task_id = "unpack", .source = lines});  // orders.jsonl
  auto packed = dag.add(CompressFileOperator{
      .task_id = "pack", .source = unpacked, .destination = "{{ ti.xcom_pull('make') }}/small.gz", .level = 9});
  auto clean = dag.add(DeleteFileOperator{.task_id = "clean", .path = "{{ ti.xcom_pull('make') }}", .recursive = true});
  made >> lines;
  packed >> clean;
}
// [end]
//
//   venturi dags test compressed_files
//   success
