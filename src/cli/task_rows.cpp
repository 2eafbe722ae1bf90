#include "cli/task_rows.h"
#include "pages/moments.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstring>

namespace venturi::cli {

std::string name_of(const TaskInstance& ti) {
  return ti.map_index < 0 ? ti.task_id : ti.task_id + " [" + std::to_string(ti.map_index) + "]";
}
namespace {

std::string signal_text(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return fmt::format("killed by signal {}{}", signal, name == nullptr ? "" : fmt::format(" (SIG{})", name));
}

std::string_view reason_words(EndReason reason) {
  switch (reason) {
    case EndReason::none:
    case EndReason::exit_code:
    case EndReason::signal:
      return "";
    case EndReason::out_of_memory:
      return "out of memory";
    case EndReason::timeout:
      return "execution_timeout";
    case EndReason::dagrun_timeout:
      return "dagrun_timeout";
    case EndReason::lost:
      return "lost with its worker";
    case EndReason::killed:
      return "stopped";
    case EndReason::not_declared:
      return "the program no longer declares this task";
    case EndReason::launch_failed:
      return "could not be started";
    case EndReason::cleared:
      return "cleared while it ran";
  }
  return "";
}

}  // namespace

std::string end_text(const TaskInstance& ti) {
  // What the worker says of these two repeats the number.
  if (ti.end_reason == EndReason::signal) return signal_text(ti.end_detail);
  if (ti.end_reason == EndReason::exit_code && ti.end_detail != 0) return fmt::format("exit code {}", ti.end_detail);
  const std::string words(reason_words(ti.end_reason));
  return words.empty() || ti.error.empty() ? words + ti.error : words + ": " + ti.error;
}

std::string duration_text(std::optional<Time> start, std::optional<Time> end) {
  if (!start || !end) return {};
  return pages::duration_text(*end - *start);
}

}  // namespace venturi::cli
