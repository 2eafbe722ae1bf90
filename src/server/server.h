// The server: one process, one home, one loop. This folder is the shell around the engine: what it commits (scheduler.h), what
// reaches it (control_socket.h, dag_source.h), and whom it tells (worker_link.h, deliveries.h).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/result.h"
#include "home/config.h"
#include "home/home.h"
#include "home/secrets.h"
#include "model/records.h"

namespace venturi::store {
struct Batch;
}

namespace venturi::server {

struct ServerOptions {
  bool standalone = false;     // starts a worker of its own, and ends it
  std::string worker_program;  // absolute; of standalone
  std::string operator_host;   // absolute; empty: no built-in operators
  // `dags test` runs on a home of its own with the DAGs, the compiled programs, the connections and variables of this one.
  std::optional<Home> borrowed_home;
  // Called when the home is this server's and before anything is started: what fails here leaves nothing behind.
  std::function<Result<void>()> before_start = {};
  std::function<void()> on_scanned = {};                 // it has looked at all DAG files once
  std::function<void(const DagRun&)> on_run_ended = {};  // durable
  // For `dags test` and `tasks test`. Which DAGs it takes, and in which form; null leaves one out.
  std::function<std::shared_ptr<const Dag>(const std::shared_ptr<const Dag>&)> choose_dag = {};
  std::function<void(const store::Batch&)> on_commit = {};  // this is durable now
  std::function<void(int signal)> on_signal = {};           // SIGINT or SIGTERM: called in place of drain()
  std::function<void(bool is_done)> on_reload = {};         // before and after SIGHUP was followed
};

class Server {
 public:
  // Takes the lock, opens the metadata, rebuilds the engine and listens. An error says what to do.
  [[nodiscard]] static Result<std::unique_ptr<Server>> open(EventLoop& loop, Home home, Config config, ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Until drain() is through. Exceptions of broken invariants leave it.
  void run();
  // The first call lets running tries end (standalone) and commits what is there; a second one ends at once. Safe in callbacks.
  void drain();
  [[nodiscard]] bool was_cut_short() const;

  // For `dags test`, which lives in the same process. `on_result` is called from the loop.
  void command(const Value& command, const std::function<void(Result<Value>)>& on_result);
  [[nodiscard]] const HomeSecrets& secrets() const;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The programs that belong to this one: beside it in <prefix>/bin. Empty where there is none.
[[nodiscard]] std::string program_beside_this(const std::string& name);

}  // namespace venturi::server
