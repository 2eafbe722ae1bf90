// The channel to the supervisor: requests and their answers, in Airflow's frames (task/frame.h).
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/fd.h"
#include "task/frame.h"
#include "venturi/value.h"

namespace venturi::inline sdk::internal {

struct Answer {
  Value body;   // null where there is no data
  Value error;  // {"type": "ErrorResponse", "error", "detail"} where the request failed
};

// "CONNECTION_NOT_FOUND" of an ErrorResponse in the body or in the error slot; empty where there is none.
[[nodiscard]] std::string error_code(const Answer& answer);
// What an ErrorResponse says, for people.
[[nodiscard]] std::string error_text(const Value& error_response);

// A request that is too large for a message: nothing of it, nor of those that were to be sent with it, was sent.
class TooLarge : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
// Throws it for an XCom, with key, size and limit.
void refuse_if_xcom(const Value& request);

class Comms {
 public:
  // `pipelined`: the other side takes several requests before it has answered the first. Airflow's own supervisor is only known
  // to take one after the other.
  explicit Comms(Fd socket) : socket_(std::move(socket)) {}
  Comms(const Comms&) = delete;
  Comms& operator=(const Comms&) = delete;
  virtual ~Comms() = default;
  void set_pipelined(bool on) { pipelined_ = on; }
  [[nodiscard]] bool pipelined() const { return pipelined_; }

  // The first frame, which the parent sends unasked. Throws task::ProtocolError where there is none.
  [[nodiscard]] Value receive_startup();
  // Throws TooLarge, and std::runtime_error where the other side is gone.
  [[nodiscard]] virtual Answer ask(const Value& request);
  // All answers, in the order of the requests. Pipelined: written at once, so that the server can commit them together.
  [[nodiscard]] virtual std::vector<Answer> ask_all(std::span<const Value> requests);
  // The end of the task that talks here is wanted (light tasks: others are ended with their process).
  [[nodiscard]] virtual bool is_cancelled() const { return false; }
  // A new log socket from a supervisor that started this process without one (ResendLoggingFD).
  [[nodiscard]] Fd ask_log_socket();

 private:
  [[nodiscard]] task::Frame receive();
  [[nodiscard]] Answer answer_to(std::int64_t id);

  Fd socket_;
  task::FrameReader reader_;
  std::vector<Fd> received_;
  std::int64_t next_id_ = 1;
  bool pipelined_ = false;
};

}  // namespace venturi::inline sdk::internal
