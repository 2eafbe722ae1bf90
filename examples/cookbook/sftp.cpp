// SFTP: a file sent to a server, waited for, fetched and deleted there.
#include <venturi/dag.h>
#include <venturi/sftp.h>
using namespace venturi;
using namespace std::chrono_literals;

std::int64_t count(const std::vector<std::string>& paths) { return static_cast<std::int64_t>(paths.size()); }

VENTURI_DAG(sftp) {
  // [operators]
  auto order = dag.add(BashOperator{.task_id = "order", .bash_command = "echo id,amount > /tmp/cookbook-order.csv"});
  auto send = dag.add(SFTPOperator{.task_id = "send",
                                   .ssh_conn_id = "cookbook_sftp",
                                   .local_filepath = {"/tmp/cookbook-order.csv"},
                                   .remote_filepath = {"/tmp/cookbook-sftp/in/order-{{ ds_nodash }}.csv"},
                                   .operation = "put",
                                   .create_intermediate_dirs = true});
  auto there = dag.add(SFTPSensor{.task_id = "there",
                                  .path = "/tmp/cookbook-sftp/in",
                                  .file_pattern = "order-*.csv",
                                  .sftp_conn_id = "cookbook_sftp",
                                  .deferrable = true,
                                  .poke_interval = 5s});
  auto fetch = dag.add(SFTPOperator{.task_id = "fetch",
                                    .ssh_conn_id = "cookbook_sftp",
                                    .local_filepath = {"/tmp/cookbook-fetched/order.csv"},
                                    .remote_filepath = {"/tmp/cookbook-sftp/in/order-{{ ds_nodash }}.csv"},
                                    .operation = "get",
                                    .create_intermediate_dirs = true});
  auto tidy = dag.add(SFTPOperator{.task_id = "tidy",
                                   .ssh_conn_id = "cookbook_sftp",
                                   .remote_filepath = {"/tmp/cookbook-sftp"},
                                   .operation = "delete"});
  order >> send >> there >> fetch >> tidy;
  dag.task<count>()(there);
  // [end]
}
