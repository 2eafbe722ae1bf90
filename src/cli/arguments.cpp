#include "cli/arguments.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "base/edit_distance.h"
#include "base/json.h"
#include "venturi/time.h"

namespace venturi::cli {
namespace {

std::unexpected<Error> wrong(const Command& command, std::string what, std::string hint = {}) {
  if (hint.empty()) hint = "see: venturi " + command.words() + " --help";
  return fail(ErrorKind::invalid, std::move(what), "venturi " + command.words(), std::move(hint));
}

// "--conf", "DAG_ID": as the help has it.
std::string shown_name(const Parameter& parameter) {
  std::string name(parameter.key());
  if (parameter.is_option()) return "--" + name;
  for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::unexpected<Error> unexpected_word(const Command& command, const std::string& word) {
  if (!word.starts_with('-')) return wrong(command, "'" + word + "' is one argument too many");
  std::vector<std::string> names{"--help"};
  for (const Parameter& p : command.parameters) {
    if (p.is_option()) names.push_back("--" + std::string(p.key()));
  }
  const std::string name = word.substr(0, word.find('='));
  const std::string near = nearest(name, names);
  return wrong(command, "there is no option " + name, near.empty() ? "" : "did you mean " + near + "?");
}

// The reason why `text` is none of the parameter's type; empty where it is one.
std::string problem_of(const Parameter& parameter, const std::string& text) {
  switch (parameter.type) {
    case ValueType::flag:
    case ValueType::text:
    case ValueType::list:
      return {};
    case ValueType::date:
      if (parse_time(text)) return {};
      return "'" + text + "' is no date; write it like 2026-01-31 or 2026-01-31T08:30:00+01:00";
    case ValueType::json_object: {
      // The text is not repeated: there may be a password in it.
      const auto value = parse_json(text);
      if (!value) return value.error().what;
      if (!value->is_object())
        return std::string("a JSON object is needed, like {\"key\": \"value\"}; this is of type ") + value->type_name();
      return {};
    }
    case ValueType::integer:
    case ValueType::count: {
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      const bool is_count = parameter.type == ValueType::count;
      const bool fits = error == std::errc{} && end == text.data() + text.size() && number >= (is_count ? 1 : -1) &&
                        number <= std::numeric_limits<std::int32_t>::max();
      return fits ? "" : "'" + text + "' is no " + (is_count ? "whole number from 1 on" : "whole number from -1 on");
    }
    case ValueType::choice: {
      std::istringstream words{std::string(parameter.value)};
      std::string list;
      for (std::string word; words >> word;) {
        if (word == text) return {};
        list += (list.empty() ? "" : ", ") + word;
      }
      return "'" + text + "' is none of: " + list;
    }
  }
  return {};
}

}  // namespace

const Parameter& Arguments::parameter(std::string_view key) const {
  const auto found = std::ranges::find(command_->parameters, key, &Parameter::key);
  if (found != command_->parameters.end()) return *found;
  throw std::logic_error("the command '" + command_->words() + "' has no parameter " + std::string(key));
}

bool Arguments::has(std::string_view key) const {
  (void)parameter(key);
  return values_.contains(key);
}

std::string Arguments::text(std::string_view key) const {
  const Parameter& p = parameter(key);
  const auto found = values_.find(key);
  return found == values_.end() ? std::string(p.default_value) : found->second;
}

std::optional<std::string> Arguments::maybe(std::string_view key) const {
  return has(key) ? std::optional(text(key)) : std::nullopt;
}

std::int64_t Arguments::integer(std::string_view key) const {
  return std::stoll(text(key));
}

Value Arguments::json(std::string_view key) const {
  if (!has(key)) return {};
  return parse_json(text(key)).value();
}

Result<Arguments> parse_arguments(const Command& command, std::span<const char* const> words) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::map<std::string_view, std::string> given;
  for (const Parameter& p : command.parameters) {
    CLI::Option* option = nullptr;
    if (p.type == ValueType::flag) {
      option = app.add_flag(std::string(p.names));
    } else {
      option = app.add_option(std::string(p.names), given[p.key()]);
    }
    // Join: with line feeds.
    option->multi_option_policy(p.type == ValueType::list ? CLI::MultiOptionPolicy::Join : CLI::MultiOptionPolicy::TakeLast);
  }
  // CLI11 takes them from the end.
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ArgumentMismatch& e) {
    const std::string text = e.what();
    return wrong(command, text.substr(0, text.find(':')) + " needs a value");
  } catch (const CLI::ParseError& e) {
    return wrong(command, e.what());
  }
  std::vector<std::string> rest = app.remaining();
  // CLI11 leaves the mark before the arguments among what it has not used.
  if (const auto mark = std::ranges::find(rest, "--"); mark != rest.end()) rest.erase(mark);
  if (!rest.empty()) return unexpected_word(command, rest.front());

  Arguments arguments(command);
  for (const Parameter& p : command.parameters) {
    const std::string key(p.key());
    const CLI::Option* option = app.get_option(p.is_option() ? "--" + key : key);
    if (option->count() == 0) {
      if (!p.is_option() && !p.may_be_missing) return wrong(command, shown_name(p) + " is missing");
      continue;
    }
    const std::string text = p.type == ValueType::flag ? "true" : given[p.key()];
    if (const std::string problem = problem_of(p, text); !problem.empty())
      return wrong(command, shown_name(p) + ": " + problem);
    arguments.values_[key] = text;
  }
  return arguments;
}

}  // namespace venturi::cli
