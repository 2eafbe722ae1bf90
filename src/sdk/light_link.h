// The one connection of a light process, and the channel that each of its tries has over it. Its messages are in
// docs/architecture/task-host.md.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "sdk/comms.h"
#include "sdk/light_threads.h"

namespace venturi::inline sdk::internal {

class LightLink {
 public:
  // Requests that are under way together.
  struct Exchange {
    std::vector<Answer> answers;                           // in the order of the requests
    std::size_t missing = 0;                               // of the answers
    std::function<void(const std::vector<Answer>&)> then;  // called by the reader once all are there; or somebody waits
    std::condition_variable changed;
  };

  // `socket` is the reader's, who outlives us.
  explicit LightLink(int socket) : socket_(socket) {}

  // Whole frames, from any thread. Throws std::system_error where the supervisor is gone.
  void send(const std::string& frames);
  // The requests of a try, and `behind` them other frames, with one write.
  std::shared_ptr<Exchange> ask(const Value& token, std::span<const Value> requests, const std::string& behind = {},
                                std::function<void(const std::vector<Answer>&)> then = {});
  // Until all answers are there: true; until `cancelled`: false. Throws task::ProtocolError where the connection ends.
  bool wait(Exchange& exchange, const std::atomic<bool>* cancelled);
  void wake(const std::shared_ptr<Exchange>& exchange);

  // For the reader.
  void answered(task::Frame frame);
  void close();

 private:
  struct Asked {
    std::shared_ptr<Exchange> exchange;
    std::size_t place;
  };
  int socket_;
  std::mutex writing_, mutex_;
  std::unordered_map<std::int64_t, Asked> asked_;
  std::int64_t next_id_ = 1;
  bool closed_ = false;
};

// What a try sees of it. Once its end is wanted, calls throw TaskCancelled; not while another exception is on its way.
class LightComms : public Comms {
 public:
  LightComms(LightLink& link, LightThreads& threads, Value token)
      : Comms(Fd()), link_(link), threads_(threads), token_(std::move(token)) {}

  [[nodiscard]] Answer ask(const Value& request) override;
  [[nodiscard]] std::vector<Answer> ask_all(std::span<const Value> requests) override;
  [[nodiscard]] bool is_cancelled() const override { return cancelled_; }

  // How it ended: told whether its end is wanted or not.
  [[nodiscard]] std::vector<Answer> tell(std::span<const Value> messages);
  void cancel(const std::string& why);  // by the reader
  [[nodiscard]] std::string why();      // it is cancelled
  [[nodiscard]] const Value& token() const { return token_; }

 private:
  void throw_if_cancelled();

  LightLink& link_;
  LightThreads& threads_;
  Value token_;
  std::atomic<bool> cancelled_ = false;
  std::mutex mutex_;  // of the rest
  std::string why_;
  std::shared_ptr<LightLink::Exchange> waits_for_;
};

}  // namespace venturi::inline sdk::internal
