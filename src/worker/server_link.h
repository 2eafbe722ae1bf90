// The worker's connection to the server: made again every 100 ms while there is none. Requests are kept until they are
// answered and sent again after each ServerHello, in their order; while no server is connected, the writes of tries that have
// told their outcome are journalled (journal.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/event_loop.h"
#include "base/fd.h"
#include "base/send_queue.h"
#include "task/frame.h"
#include "worker/journal.h"
#include "worker/token.h"

namespace venturi::worker {

// A request to the server, and whom its answer is for.
struct Request {
  enum class From : std::uint8_t {
    task,          // the answer goes to process `process`, as frame `frame`
    host,          // to the operator host, as frame `frame`
    exit,          // TryExited: the try is settled by the answer
    journal,       // of a predecessor: nobody waits
    journal_exit,  // the same for a TryExited
  };
  From from = From::task;
  Token token{};
  std::uint64_t process = 0;
  std::int64_t frame = 0;
  std::uint64_t session = 0;  // of a hook: the try whose session asked
  bool write = false;         // not only a question
  bool outcome = false;       // a terminal message or a TryExited: journalled, with the writes of its try before it
};

class ServerLink {
 public:
  // Members of the server's messages that we only hand on: they come packed.
  static constexpr std::string_view packed_members[] = {"ti_context", "operator"};

  struct Events {
    std::function<Value()> hello;                // makes WorkerHello
    std::function<void(const Value&)> on_hello;  // ServerHello came
    std::function<void(const Request&, const task::Frame&)> on_answer;
    std::function<void(task::Frame)> on_message;  // the server's own messages
    std::function<void()> on_lost;                // the connection ended
  };

  // Reads the journal's entries into the requests to send. Throws std::system_error where the journal cannot be read.
  ServerLink(EventLoop& loop, const std::string& home, Events events);
  ~ServerLink();
  ServerLink(const ServerLink&) = delete;
  ServerLink& operator=(const ServerLink&) = delete;

  void connect();
  [[nodiscard]] bool ready() const { return ready_; }
  // Since when there is no server; meaningful while !ready().
  [[nodiscard]] std::chrono::steady_clock::time_point lost_at() const { return lost_at_; }

  // Not kept: what WorkerHello repeats anyway, and answers to the server's own requests.
  void send(const Value& body, std::int64_t id = 0, const Value& error = {});
  // Kept until it is answered.
  void request(const Request& request, const Value& body) { request_packed(request, task::pack(body)); }
  void request_packed(const Request& request, std::string_view body);
  // Nobody waits for the answers of this process any more.
  void forget_process(std::uint64_t process);
  // Writes out what was queued, or journals it.
  void flush();

  [[nodiscard]] bool nothing_unanswered() const { return pending_.empty(); }
  // Of what was told while no server is connected.
  [[nodiscard]] bool outcomes_on_disk() const { return !outcome_added_; }
  // The server does not answer, and we end: a successor tells it again.
  void journal_unanswered();
  // Tokens of which the end waits for its answer.
  [[nodiscard]] std::vector<Token> unanswered_exits() const;

 private:
  struct Pending {
    Request request;
    std::string frame;
    bool journalled = false;
  };
  void read_journal();
  void on_ready(std::uint32_t events);
  void receive();
  void handle(task::Frame frame);
  void lose();
  void complain(const std::string& what);
  void write_out();
  bool journal_outcomes();  // false: not on disk, try again

  EventLoop& loop_;
  std::string path_;
  Events events_;
  Journal journal_;
  Fd socket_;
  task::FrameReader reader_{packed_members};
  SendQueue out_;
  bool ready_ = false, watching_out_ = false, outcome_added_ = false, journal_failed_ = false;
  std::string complaint_;       // the last one: it comes up with every attempt to connect
  std::size_t journalled_ = 0;  // of pending_
  std::int64_t next_id_ = 1;
  std::map<std::int64_t, Pending> pending_;
  std::chrono::steady_clock::time_point lost_at_ = std::chrono::steady_clock::now();
};

}  // namespace venturi::worker
