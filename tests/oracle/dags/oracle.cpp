// Dynamic DAGs: one program makes a DAG of each description in a folder of JSON files (the corpus, see ../README.md).
// tests/oracle/run copies these files into a DAGs folder, and writes folders.h, which says where the corpus lies and where
// callbacks and sensors keep their records.
#include <venturi/dag.h>
#include <venturi/json.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "folders.h"
#include "scenario_dag.h"
using namespace venturi;

namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return std::move(text).str();
}

std::vector<std::filesystem::path> files_in(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

VENTURI_DAGS(bag) {
  for (const auto& path : files_in(oracle::corpus_folder)) {
    const Value scenario = from_json(text_of(path), path.filename().string());
    for (const Value& dag : scenario.at("dags").as_array()) {
      try {
        oracle::add_dag(bag, dag, oracle::state_folder);
      } catch (const std::exception& e) {  // of one DAG; the others are there
        std::cerr << path.filename().string() << ": " << dag.get_string("dag_id") << ": " << e.what() << "\n";
      }
    }
  }
}
