// Google Cloud Storage: a file of the run becomes an object, which is waited for, copied, listed and fetched.
#include <venturi/dag.h>
#include <venturi/google.h>

#include <filesystem>
#include <fstream>
using namespace venturi;
using namespace std::chrono_literals;

std::vector<std::string> order(const Context& context) {
  std::filesystem::create_directories(context.run_dir());
  std::string path = context.run_dir() + "/order.csv";
  std::ofstream(path) << "id,amount\n1,9.5\n";
  return {path};
}

std::int64_t count(const std::vector<std::string>& names) { return static_cast<std::int64_t>(names.size()); }

VENTURI_DAG(gcs) {
  auto path = dag.task<order>();
  // [operators]
  auto bucket = dag.add(GCSCreateBucketOperator{
      .task_id = "bucket", .bucket_name = "cookbook", .location = "EU", .gcp_conn_id = "cookbook_google"});
  auto sent = dag.add(LocalFilesystemToGCSOperator{.task_id = "sent",
                                                   .src = path,
                                                   .dst = "in/order-{{ ds_nodash }}.csv",
                                                   .bucket = "cookbook",
                                                   .mime_type = "text/csv",
                                                   .gcp_conn_id = "cookbook_google"});
  auto there = dag.add(GCSObjectExistenceSensor{.task_id = "there",
                                                .bucket = "cookbook",
                                                .object = "in/order-*.csv",
                                                .use_glob = true,
                                                .google_cloud_conn_id = "cookbook_google",
                                                .deferrable = true,
                                                .poke_interval = 5s});
  auto copy = dag.add(GCSToGCSOperator{.task_id = "copy",
                                       .source_bucket = "cookbook",
                                       .source_object = "in/order-{{ ds_nodash }}.csv",
                                       .destination_object = "done/order.csv",
                                       .gcp_conn_id = "cookbook_google"});
  auto file = dag.add(GCSToLocalFilesystemOperator{
      .task_id = "file", .bucket = "cookbook", .object_name = "done/order.csv", .gcp_conn_id = "cookbook_google"});
  auto names = dag.add(GCSListObjectsOperator{
      .task_id = "names", .bucket = "cookbook", .prefix = "done/", .gcp_conn_id = "cookbook_google"});
  bucket >> sent >> there >> copy >> Tasks{file, names};
  dag.task<count>()(names);
  // [end]
}
