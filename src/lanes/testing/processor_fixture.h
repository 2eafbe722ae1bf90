// A DagProcessor on a fresh DAGs folder and home, and what it told.
#pragma once

#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "lanes/dag_processor.h"
#include "lanes/testing/loop_fixture.h"

namespace venturi::lanes {

class ProcessorTest : public LoopTest {
 protected:
  ProcessorTest() {
    options.dags_folder = folder.path + "/dags";
    options.cache = folder.path + "/home/cache";
    options.cpp.compile.sdk = {LANES_FAKE_SDK_INCLUDE, LANES_FAKE_SDK_ARCHIVE};
    std::filesystem::create_directories(options.dags_folder);
  }

  [[nodiscard]] std::string in_dags(const std::string& relative) const { return options.dags_folder + "/" + relative; }

  // Puts a compiled program there as a build does: complete when it gets its name.
  void put_program(const std::string& relative, const std::string& behaviour) const {
    std::ifstream fake(LANES_FAKE_PROGRAM, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(fake)), std::istreambuf_iterator<char>());
    ASSERT_FALSE(bytes.empty());
    const std::string temporary = folder.path + "/being-built";
    write_text(temporary, bytes + "\n--behave--\n" + behaviour);
    ASSERT_EQ(::chmod(temporary.c_str(), 0755), 0);
    std::filesystem::create_directories(std::filesystem::path(in_dags(relative)).parent_path());
    std::filesystem::rename(temporary, in_dags(relative));
  }

  void start() {
    stop();
    scanned = false;
    processor = std::make_unique<DagProcessor>(loop, options,
                                               DagProcessorCallbacks{[this](const std::shared_ptr<const Dag>& dag) {
                                                                       dags[dag->dag_id] = dag;
                                                                       ++told[dag->dag_id];
                                                                       log.push_back("dag " + dag->dag_id);
                                                                     },
                                                                     [this](const std::string& dag_id) {
                                                                       dags.erase(dag_id);
                                                                       log.push_back("gone " + dag_id);
                                                                     },
                                                                     [this](const ImportError& error) {
                                                                       errors[error.file] = error.text;
                                                                       log.push_back("error " + error.file);
                                                                     },
                                                                     [this](const std::string& file) {
                                                                       errors.erase(file);
                                                                       log.push_back("ok " + file);
                                                                     },
                                                                     [this] { scanned = true; }});
    const auto started = processor->start();
    ASSERT_TRUE(started) << started.error().text();
  }
  void start_and_scan() {
    start();
    run_until([this] { return scanned; }, "the folder was scanned");
  }
  // As a server that ended and began again; what the callbacks told stays.
  void stop() { processor.reset(); }
  void forget_told() {
    dags.clear();
    told.clear();
    errors.clear();
    log.clear();
  }
  void wait_for_error(const std::string& file) {
    run_until([&] { return errors.contains(file); }, "there was an import error of " + file);
  }
  void wait_for_dag(const std::string& dag_id) {
    run_until([&] { return dags.contains(dag_id); }, "there was the DAG " + dag_id);
  }

  DagProcessorOptions options;
  std::unique_ptr<DagProcessor> processor;
  bool scanned = false;
  std::map<std::string, std::shared_ptr<const Dag>> dags;
  std::map<std::string, int> told;
  std::map<std::string, std::string> errors;
  std::vector<std::string> log;
};

}  // namespace venturi::lanes
