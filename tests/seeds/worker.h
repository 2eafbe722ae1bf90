// A worker with stand-ins for its tasks' code. It has the real launch record, keeps what is not answered as the real one does
// (worker/server_link.h), and is asked about tokens like it (worker/supervisor_server.cpp).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "seeds/frames.h"
#include "seeds/network.h"
#include "worker/launch_record.h"

namespace venturi::seeds {

struct World;

// What a task's code does: all its words at once, after a while; or none, and its process just ends.
struct Body {
  Duration lasts{};
  bool defers_in_place = false;  // it only waits
  std::vector<Said> says;
};

class Worker {
 public:
  // What survives a crash beside the launch record.
  struct Request {
    LaunchToken token;
    std::variant<TryMessage, TryExited> body;
    bool is_journalled = false;
  };
  struct Disk {
    std::string folder;
    std::vector<Request> journal;
  };

  Worker(World& world, Disk& disk);
  virtual ~Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Its predecessor's launch record was lost.
  static void lose_record(const Disk& disk);

  void connect();
  void on_frame(Network::Connection connection, const ToWorker& frame);
  void on_lost(Network::Connection connection);

 protected:
  [[nodiscard]] virtual bool accepts(LaunchToken token) const;
  [[nodiscard]] virtual TokenState state_of(LaunchToken token);

 private:
  struct Try {
    std::shared_ptr<const engine::Launch> launch;
    Body body;
    std::int64_t outcome = 0;                             // the request whose answer the process waits for
    std::shared_ptr<int> life = std::make_shared<int>();  // of its process
  };

  void on(const ServerHello& hello);
  void on(const AskTokens& question);
  void on(const ExecuteTask& launch);
  void on(const KillTry& kill);
  void on(const Horizon& horizon);
  void on(const RunCallback& callback);
  void on(const AnswerRequest& answer);
  void write_record();
  void begin(const ExecuteTask& launch);
  void speak(LaunchToken token);
  void end(LaunchToken token, Exit exit);
  void request(Request request);
  void send(std::int64_t id);
  void journal();

  World& world_;
  Disk& disk_;
  worker::LaunchRecord record_;
  Network::Connection connection_ = 0;
  bool is_ready_ = false, writes_record_ = false, is_journalling_ = false;
  std::vector<ExecuteTask> launches_;  // whose tokens are not on disk yet
  std::vector<LaunchToken> killed_;    // of those
  std::vector<TokenStates> answers_;   // that wait for what they say to be on disk
  std::map<LaunchToken, Try> tries_;
  std::map<std::int64_t, Request> pending_;
  std::int64_t next_id_ = 1;
  Timeline::Life life_ = std::make_shared<int>();
};

}  // namespace venturi::seeds
