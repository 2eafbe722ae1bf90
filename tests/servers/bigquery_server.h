// bqemulator, a stand-in for BigQuery (tests/servers/bigquery_server.py), of the project "shop". What it cannot prove: it runs
// each job at once, takes a job's id twice, and knows no GEOGRAPHY.
#pragma once

#include <memory>
#include <string>

#include "servers/server_process.h"

namespace venturi::tests {

class BigQueryServer {
 public:
  // Returns when it answers. Objects of gs://bucket are the files of objects/bucket. Throws std::runtime_error saying what to
  // install.
  explicit BigQueryServer(const std::string& objects);

  [[nodiscard]] std::string url() const;

 private:
  TestFolder folder_;
  std::unique_ptr<ServerProcess> process_;
  int port_ = 0;
};

}  // namespace venturi::tests
