// One try of an operator that moves data: what its code gets in hand. It runs alone in its process and may block, but for its
// waits: they end when `stop` is raised.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/connection.h"
#include "operators/stop_signal.h"
#include "operators/task_messages.h"
#include "operators/templates.h"
#include "operators/try_log.h"
#include "venturi/value.h"

namespace venturi::operators {

class MoverTry {
 public:
  // `details` is StartupDetails with the key `operator`; `requests` the socket of the task protocol, `log` the log socket.
  // Throws ValueError where details are not complete.
  MoverTry(const Value& details, int requests, Fd log, const StopSignal& stop);

  const TaskFacts facts;
  const Value op;  // the operator as serialized
  const std::optional<TemplateDetails> template_details;
  const std::string run_dir;  // absolute; empty where the server gave none
  const StopSignal& stop;
  TryLog log;

  // Sends a message and waits for its answer's body. Throws TaskFailed where the server refuses it, Stopped, and
  // ProtocolError or std::system_error where the worker is gone.
  Value ask(const Value& message);
  // Sends several back to back, then waits for all answers; what the server refuses is logged.
  void tell(const std::vector<Value>& messages);
  // Its secrets are masked from now on.
  Connection connection(const std::string& conn_id);
  // The file in the run's folder that a mover writes when it was given no name: one for each task instance.
  [[nodiscard]] std::string default_file() const;

 private:
  task::Frame next_answer();

  int requests_;
  std::int64_t next_id_ = 1;
};

}  // namespace venturi::operators
