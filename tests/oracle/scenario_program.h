// A recorded scenario's DAG (tests/oracle/corpus), made with the C++ SDK as a DAG file would make it. The SDK's side only: its
// names and the server's are the same.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "venturi/time.h"
#include "venturi/value.h"

namespace venturi::oracle_tests {

class ScenarioProgram {
 public:
  explicit ScenarioProgram(const Value& dag);
  ~ScenarioProgram();

  // What is wrong with it, as an author would be told.
  [[nodiscard]] std::vector<std::string> mistakes() const;
  [[nodiscard]] Value serialized() const;
  // Runs a try of a function, and gives what it told its supervisor; `items` are its Launch's, `answers` those to its
  // questions.
  [[nodiscard]] std::vector<Value> run(std::string_view task_id, int map_index, int try_number, bool should_retry,
                                       const std::vector<std::int64_t>& items,
                                       const std::function<Value(const Value&)>& answers) const;
  // How long the task sleeps by its scenario.
  [[nodiscard]] Duration sleeps(std::string_view task_id) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace venturi::oracle_tests
