#include "seeds/frames.h"

#include <array>
#include <type_traits>

#include "seeds/story.h"

namespace venturi::seeds {

std::string_view to_string(const Said& said) {
  static constexpr auto names =
      std::to_array<std::string_view>({"SetXCom", "DeleteXCom", "SkipDownstreamTasks", "DeferInPlace", "SucceedTask",
                                       "a failure", "a skip", "RescheduleTask", "DeferTask"});
  return names.at(said.index());
}

std::string_view to_string(Exit exit) {
  static constexpr auto names = std::to_array<std::string_view>({"ok", "exit code", "killed", "lost"});
  return names.at(static_cast<std::size_t>(exit));
}

namespace {

std::string words_of(const ToServer& frame) {
  return std::visit(
      []<class F>(const F& f) -> std::string {
        if constexpr (std::is_same_v<F, WorkerHello>) {
          return "WorkerHello";
        } else if constexpr (std::is_same_v<F, TokenStates>) {
          static constexpr auto names = std::to_array<std::string_view>({"never started", "running", "ended", "unknown"});
          std::string text = "TokenStates:";
          for (const TokenState state : f.states) text += fmt::format(" {},", names.at(static_cast<std::size_t>(state)));
          return text;
        } else if constexpr (std::is_same_v<F, TryStarted>) {
          return "TryStarted, " + words(f.token);
        } else if constexpr (std::is_same_v<F, TryMessage>) {
          return fmt::format("{} of {} (request {})", to_string(f.said), words(f.token), f.id);
        } else if constexpr (std::is_same_v<F, TryExited>) {
          return fmt::format("TryExited of {}: {} (request {})", words(f.token), to_string(f.exit), f.id);
        } else {
          return fmt::format("CallbackResult {}", f.no);
        }
      },
      frame);
}

std::string words_of(const ToWorker& frame) {
  return std::visit(
      []<class F>(const F& f) -> std::string {
        if constexpr (std::is_same_v<F, ServerHello>) {
          return fmt::format("ServerHello, horizon {}, sent below {}", f.horizon, f.sent_below);
        } else if constexpr (std::is_same_v<F, AskTokens>) {
          std::string text = "AskTokens:";
          for (const LaunchToken token : f.tokens) text += fmt::format(" {}", token.sequence);
          return text;
        } else if constexpr (std::is_same_v<F, ExecuteTask>) {
          return "ExecuteTask, " + words(f.launch->ti.token);
        } else if constexpr (std::is_same_v<F, KillTry>) {
          return "KillTry, " + words(f.token);
        } else if constexpr (std::is_same_v<F, Horizon>) {
          return fmt::format("Horizon {}", f.sequence);
        } else if constexpr (std::is_same_v<F, RunCallback>) {
          return fmt::format("RunCallback {}", f.no);
        } else {
          return fmt::format("the answer to request {}", f.id);
        }
      },
      frame);
}

}  // namespace

std::string words(const Frame& frame) {
  return std::visit([](const auto& f) { return words_of(f); }, frame);
}

std::optional<LaunchToken> try_of(const Frame& frame) {
  if (const auto* from_worker = std::get_if<ToServer>(&frame)) {
    if (const auto* f = std::get_if<TryStarted>(from_worker)) return f->token;
    if (const auto* f = std::get_if<TryMessage>(from_worker)) return f->token;
    if (const auto* f = std::get_if<TryExited>(from_worker)) return f->token;
    return std::nullopt;
  }
  const auto& from_server = std::get<ToWorker>(frame);
  if (const auto* f = std::get_if<ExecuteTask>(&from_server)) return f->launch->ti.token;
  if (const auto* f = std::get_if<KillTry>(&from_server)) return f->token;
  return std::nullopt;
}

}  // namespace venturi::seeds
