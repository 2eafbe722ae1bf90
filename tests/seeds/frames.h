// What server and worker say to each other: the messages of docs/architecture/task-host.md that scheduling depends on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/engine.h"

namespace venturi::seeds {

// ---- of a try, in the order in which it says them ------------------------------------------------------------------------

struct SetXCom {
  std::string key;
  std::int32_t length = 0;  // below 0: it is no list
};
struct DeleteXCom {
  std::string key;
};
struct SkipDownstreamTasks {
  std::vector<std::string> task_ids;
};
struct DeferInPlace {};
struct SucceedTask {};
struct FailTask {
  bool may_retry = true;
};
struct SkipTask {};
struct RescheduleTask {
  Duration in;
};
struct DeferTask {
  Duration fires_in;
  std::optional<Duration> timeout;
};
using Said = std::variant<SetXCom, DeleteXCom, SkipDownstreamTasks, DeferInPlace, SucceedTask, FailTask, SkipTask,
                          RescheduleTask, DeferTask>;

[[nodiscard]] inline bool ends_the_try(const Said& said) {
  return said.index() > 3;
}

enum class Exit : std::uint8_t { ok, exit_code, killed, lost };
[[nodiscard]] std::string_view to_string(const Said& said);
[[nodiscard]] std::string_view to_string(Exit exit);

// ---- worker to server ----------------------------------------------------------------------------------------------------

struct WorkerHello {
  std::string worker_id;
};
enum class TokenState : std::uint8_t { never_started, running, ended, unknown };
struct TokenStates {
  std::int64_t id = 0;
  std::vector<TokenState> states;
};
struct TryStarted {
  LaunchToken token;
  Time at;
};
// These two are kept until they are answered, and sent again after each ServerHello.
struct TryMessage {
  std::int64_t id = 0;
  LaunchToken token;
  Said said;
  Time at;  // by the worker's clock
};
struct TryExited {
  std::int64_t id = 0;
  LaunchToken token;
  Exit exit = Exit::ok;
};
struct CallbackResult {
  std::int64_t no = 0;
  bool ok = true;
};
using ToServer = std::variant<WorkerHello, TokenStates, TryStarted, TryMessage, TryExited, CallbackResult>;

// ---- server to worker ----------------------------------------------------------------------------------------------------

struct ServerHello {
  std::uint64_t epoch = 0, horizon = 0, sent_below = 0;
};
struct AskTokens {
  std::int64_t id = 0;
  std::vector<LaunchToken> tokens;
};
struct ExecuteTask {
  std::shared_ptr<const engine::Launch> launch;
  std::vector<std::string> xcom_keys;  // that an earlier try left
};
struct KillTry {
  LaunchToken token;
};
struct Horizon {
  std::uint64_t sequence = 0;
};
struct RunCallback {
  std::int64_t no = 0;
};
struct AnswerRequest {
  std::int64_t id = 0;
};
using ToWorker = std::variant<ServerHello, AskTokens, ExecuteTask, KillTry, Horizon, RunCallback, AnswerRequest>;

using Frame = std::variant<ToServer, ToWorker>;
[[nodiscard]] std::string words(const Frame& frame);
// Frames of one try stay in their order, whatever overtakes whom. Nothing: the frame overtakes nobody.
[[nodiscard]] std::optional<LaunchToken> try_of(const Frame& frame);

}  // namespace venturi::seeds
