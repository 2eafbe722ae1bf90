#include "worker/options.h"

#include <cmath>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <variant>

namespace venturi::worker {
namespace {

struct Option {
  std::string_view name;
  std::variant<std::string Options::*, int Options::*, Options::Span Options::*> member;
};

constexpr Option table[] = {
    {"--home", &Options::home},
    {"--operator-host", &Options::operator_host},
    {"--parallelism", &Options::parallelism},
    {"--warm-idle-s", &Options::warm_idle},
    {"--warm-max", &Options::warm_max},
    {"--warm-memory-mib", &Options::warm_memory_mib},
    {"--light-threads", &Options::light_threads},
    {"--task-memory-mib", &Options::task_memory_mib},
    {"--max-task-log-mib", &Options::max_task_log_mib},
    {"--server-grace-s", &Options::server_grace},
    {"--drain-patience-s", &Options::drain_patience},
    {"--success-overtime-s", &Options::overtime},
    {"--kill-grace-s", &Options::kill_grace},
    {"--callback-timeout-s", &Options::callback_timeout},
    {"--warm-start-s", &Options::warm_start},
};

double parse_number(std::string_view name, const char* text) {
  char* end = nullptr;
  const double number = std::strtod(text, &end);
  if (end == text || *end != '\0' || !std::isfinite(number) || number < 0 || number > 1e9) {
    throw OptionError(std::string(name) + " wants a number, not '" + text + "'");
  }
  return number;
}

std::string seconds(Options::Span span) {
  const auto ms = span.count();
  std::string fraction = std::to_string(ms % 1000);
  return std::to_string(ms / 1000) + "." + std::string(3 - fraction.size(), '0') + fraction;
}

}  // namespace

Options parse_options(std::span<const char* const> arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    if (name == "--supervisor") {
      options.supervisor = true;
      continue;
    }
    const Option* found = nullptr;
    for (const Option& option : table) {
      if (option.name == name) found = &option;
    }
    if (found == nullptr) throw OptionError("unknown option '" + std::string(name) + "'");
    if (++i == arguments.size()) throw OptionError(std::string(name) + " wants a value");
    if (const auto* text = std::get_if<std::string Options::*>(&found->member)) {
      options.*(*text) = arguments[i];
    } else if (const auto* number = std::get_if<int Options::*>(&found->member)) {
      options.*(*number) = static_cast<int>(parse_number(name, arguments[i]));
    } else {
      options.*std::get<Options::Span Options::*>(found->member) =
          Options::Span(std::llround(parse_number(name, arguments[i]) * 1000));
    }
  }
  if (options.home.empty() || options.home.front() != '/') throw OptionError("--home wants the absolute path of a home");
  if (!options.operator_host.empty() && options.operator_host.front() != '/') {
    throw OptionError("--operator-host wants an absolute path");
  }
  if (options.warm_max < 1) throw OptionError("--warm-max wants at least 1");
  if (options.light_threads < 1) throw OptionError("--light-threads wants at least 1");
  return options;
}

std::vector<std::string> to_arguments(const Options& options) {
  std::vector<std::string> arguments;
  for (const Option& option : table) {
    std::string value;
    if (const auto* text = std::get_if<std::string Options::*>(&option.member)) {
      value = options.*(*text);
      if (value.empty()) continue;
    } else if (const auto* number = std::get_if<int Options::*>(&option.member)) {
      value = std::to_string(options.*(*number));
    } else {
      value = seconds(options.*std::get<Options::Span Options::*>(option.member));
    }
    arguments.emplace_back(option.name);
    arguments.push_back(std::move(value));
  }
  if (options.supervisor) arguments.emplace_back("--supervisor");
  return arguments;
}

}  // namespace venturi::worker
