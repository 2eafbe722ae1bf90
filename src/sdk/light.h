// The light process of a DAG program (--venturi-light=THREADS): runs the tries of tasks that are marked as light on a few
// threads, each as a TaskRun with a channel and a log of its own. Nothing of a try's code has run before its LightStarted is
// written, so that a light process that dies loses those that had begun and no others.
//
//   StartLight ─▶ queued ─▶ LightStarted, the body ─▶ outcome told, no callbacks: LightExited behind it, the thread goes on
//                   │                              └▶ callbacks: outcome answered ─▶ callbacks ─▶ LightExited
//                   └─ CancelLight ─▶ LightExited
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "sdk/dag_node.h"
#include "sdk/light_link.h"
#include "sdk/light_threads.h"

namespace venturi::inline sdk::internal {

class LightProcess {
 public:
  // `control`: the socket to the supervisor. `threads`: at most so many.
  LightProcess(const DagBag& dags, Fd control, int threads);
  // Waits for the tries that run.
  ~LightProcess();

  // Returns when the supervisor closes the socket.
  void run();

 private:
  struct Try;
  using Token = std::pair<std::int64_t, std::int64_t>;

  void handle(task::Frame frame);
  void start(const Value& message);
  void cancel(const Value& message);
  void run_try(const std::shared_ptr<Try>& t);
  void tell_end(const std::shared_ptr<Try>& t);
  void tell(const std::shared_ptr<Try>& t);
  void exited(Try& t, std::string_view kind, int detail, const std::string& error);
  void forget(const Value& token);
  [[nodiscard]] static Token token_of(const Value& token);

  const DagBag& dags_;
  Fd control_;
  LightLink link_;
  std::vector<Fd> received_;
  std::mutex mutex_;
  std::map<Token, std::shared_ptr<Try>> tries_;
  LightThreads threads_;  // the last: its threads use the rest
};

}  // namespace venturi::inline sdk::internal
