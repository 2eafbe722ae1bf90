#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "schedule/cron.h"

namespace venturi::schedule {
namespace {

struct FieldRule {
  std::string_view name;
  int min, max;
};

constexpr std::array<FieldRule, 7> kFields{{
    {"minute", 0, 59},
    {"hour", 0, 23},
    {"day of month", 1, 31},
    {"month", 1, 12},
    {"day of week", 0, 6},
    {"second", 0, 59},
    {"year", 1970, 2099},
}};

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Alias {
  std::string_view name, expression;
};
constexpr std::array<Alias, 7> kAliases{{
    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
    {"@daily", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"},
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
}};

constexpr std::uint8_t kLastOccurrence = 1U << 6U;

bool is_number(std::string_view s) {
  return !s.empty() && std::ranges::all_of(s, is_digit);
}

// Numbers too large to matter all become the same large one.
int to_number(std::string_view digits) {
  constexpr int large = 1'000'000;
  int value = 0;
  for (const char c : digits) value = std::min(value * 10 + (c - '0'), large);
  return value;
}

template <std::size_t N>
std::optional<int> position(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<int>(found - names.begin());
}

std::optional<int> name_value(std::size_t field, std::string_view name) {
  if (field == Cron::weekday) return position(kWeekdays, name);
  if (field != Cron::month) return std::nullopt;
  const auto month = position(kMonths, name);
  return month ? std::optional(*month + 1) : std::nullopt;
}

std::string allowed(std::size_t field) {
  std::string text = fmt::format("{} to {}", kFields[field].min, kFields[field].max);
  if (field == Cron::day) text += ", L for the last";
  if (field == Cron::month) text += " or jan to dec";
  if (field == Cron::weekday) text = "0 to 7 (0 and 7 are Sunday) or sun to sat";
  return text;
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators, bool keep_empty) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find_first_of(separators);
    const auto part = text.substr(0, end);
    if (keep_empty || !part.empty()) parts.push_back(part);
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

}  // namespace

class CronParser {
 public:
  explicit CronParser(std::string_view expression) : original_(expression) {}

  Result<Cron> parse() {
    std::string lower(original_);
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    const auto alias = std::ranges::find(kAliases, lower, &Alias::name);
    text_ = alias != kAliases.end() ? std::string(alias->expression) : lower;
    tokens_ = split(text_, " \t\n\r\f\v", false);
    if (tokens_.size() < 5 || tokens_.size() > 7) return refuse_shape();
    cron_.field_count_ = static_cast<int>(tokens_.size());
    for (field_ = 0; field_ < tokens_.size(); ++field_) {
      if (auto done = parse_field(std::string(tokens_[field_])); !done) return std::unexpected(std::move(done.error()));
    }
    if (mixes_nth_and_plain_weekdays()) {
      field_ = Cron::weekday;
      return refuse(tokens_[Cron::weekday], "mixes plain days with days such as 1#2 or L5",
                    "give each of them its occurrence, or use two schedules");
    }
    return std::move(cron_);
  }

 private:
  using Done = Result<void>;

  [[nodiscard]] std::unexpected<Error> refuse_shape() const {
    if (!tokens_.empty() && tokens_.front().starts_with('@')) {
      const bool own_timetable = text_ == "@once" || text_ == "@continuous";
      return fail(ErrorKind::invalid, fmt::format("unknown cron preset \"{}\"", tokens_.front()), where(),
                  own_timetable ? "it is a schedule of its own, not a cron expression"
                                : "known are @hourly, @daily, @midnight, @weekly, @monthly, @quarterly, @yearly and @annually");
    }
    return fail(ErrorKind::invalid,
                fmt::format("{} field{}, but cron takes 5, 6 or 7", tokens_.size(), tokens_.size() == 1 ? "" : "s"), where(),
                tokens_.size() == 1 ? "write: minute hour day-of-month month day-of-week, or a preset such as @daily"
                                    : "write: minute hour day-of-month month day-of-week, then, if wanted, second, then year");
  }

  [[nodiscard]] std::string where() const { return fmt::format("cron \"{}\"", original_); }

  [[nodiscard]] std::unexpected<Error> refuse(std::string_view value, std::string_view why, std::string hint = {}) const {
    if (hint.empty()) hint = fmt::format("{} may be {}", kFields[field_].name, allowed(field_));
    return fail(ErrorKind::invalid, fmt::format("{} \"{}\" {}", kFields[field_].name, value, why), where(), std::move(hint));
  }

  [[nodiscard]] std::unexpected<Error> out_of_range(std::string_view value) const {
    return refuse(value, fmt::format("is not within {} to {}", kFields[field_].min, kFields[field_].max));
  }

  Done parse_field(std::string token) {
    if (auto drawn = draw(token); !drawn) return drawn;
    if (token.find('?') != std::string::npos) {
      if (token != "?") return refuse(token, "has ? beside other characters");
      if (field_ != Cron::day && field_ != Cron::weekday) {
        return refuse(token, "is for day of month and day of week only",
                      fmt::format("write * for every {}", kFields[field_].name));
      }
      token = "*";
    }
    const auto elements = split(token, ",", true);
    for (const std::string_view element : elements) {
      if (auto done = parse_element(element, elements.size()); !done) return done;
    }
    finish_field();
    return {};
  }

  // R, R(a-b), R/n, R(a-b)/n: replaced by a value, or a range that begins with one.
  Done draw(std::string& token) {
    std::string_view rest = token;
    if (rest.empty() || (rest.front() != 'r' && rest.front() != 'h')) return {};
    const bool hashed = rest.front() == 'h';
    rest.remove_prefix(1);
    int low = kFields[field_].min, high = kFields[field_].max;
    bool has_range = false;
    if (rest.starts_with('(')) {
      const auto dash = rest.find('-'), close = rest.find(')');
      if (dash == std::string_view::npos || close == std::string_view::npos || dash > close) return {};
      const auto first = rest.substr(1, dash - 1), second = rest.substr(dash + 1, close - dash - 1);
      if (!is_number(first) || !is_number(second)) return {};
      low = to_number(first);
      high = to_number(second);
      has_range = true;
      rest.remove_prefix(close + 1);
    }
    std::optional<int> step;
    if (rest.starts_with('/')) {
      if (!is_number(rest.substr(1))) return {};
      step = to_number(rest.substr(1));
      rest = {};
    }
    if (!rest.empty()) return {};  // a name such as "r2" is refused as such later
    if (hashed) return refuse(token, "needs a hash id, and Airflow gives none", "write a number, or R for one that is drawn");
    if (has_range && low >= high) return refuse(token, "has a range that does not grow");
    if (low < kFields[field_].min || fold_sunday(high) > kFields[field_].max) return out_of_range(token);
    if (step && *step == 0) return refuse(token, "has the step 0", "steps begin with 1");
    const auto pick = [&](int from, int to) {
      return static_cast<int>((crc32(text_) >> field_) % static_cast<std::uint32_t>(to - from + 1)) + from;
    };
    if (!step) {
      token = std::to_string(pick(low, high));
      return {};
    }
    const int first = pick(low, std::min(low + *step - 1, high));
    token = first == high ? std::to_string(first) : fmt::format("{}-{}/{}", first, high, *step);
    return {};
  }

  Done parse_element(std::string_view element, std::size_t siblings) {
    if (field_ == Cron::weekday) {
      if (auto special = parse_nth(element)) return *special;
    }
    if (field_ == Cron::day) {
      if (auto special = parse_nearest_weekday(element, siblings)) return *special;
    }
    return parse_range(element, 0);
  }

  // 5#3, mon#1, mon-fri#2 and L5.
  std::optional<Done> parse_nth(std::string_view element) {
    if (element.starts_with('l') && is_number(element.substr(1))) return parse_range(element.substr(1), kLastOccurrence);
    const auto hash = element.find('#');
    if (hash == std::string_view::npos) return std::nullopt;
    const auto days = element.substr(0, hash), number = element.substr(hash + 1);
    if (!is_number(number)) return refuse(element, "has no number after #", "write the occurrence in the month: 1 to 5");
    const int nth = to_number(number);
    if (nth < 1 || nth > 5) return refuse(element, "asks for an occurrence that is not within 1 to 5");
    // Only names may form a range before #.
    const auto dash = days.find('-');
    if (dash != std::string_view::npos &&
        (!name_value(Cron::weekday, days.substr(0, dash)) || !name_value(Cron::weekday, days.substr(dash + 1)))) {
      return refuse(element, "has a range before # that is not of names", "write it as mon-fri#2");
    }
    if (days.find_first_of("/*") != std::string_view::npos) return refuse(element, "has more than a day before #");
    return parse_range(days, static_cast<std::uint8_t>(1U << static_cast<unsigned>(nth)));
  }

  // 15W and W15.
  std::optional<Done> parse_nearest_weekday(std::string_view element, std::size_t siblings) {
    std::string_view digits = element;
    if (digits.starts_with('w')) {
      digits.remove_prefix(1);
    } else if (digits.ends_with('w')) {
      digits.remove_suffix(1);
    } else {
      return std::nullopt;
    }
    if (!is_number(digits)) return std::nullopt;
    const int value = to_number(digits);
    if (value < 1 || value > 31) return out_of_range(element);
    if (siblings > 1) return refuse(element, "is in a list", "W takes a single day: 15W");
    cron_.nearest_weekday_ = value;
    cron_.fields_[field_].values.push_back(value);
    return Done{};
  }

  // A number, name, *, L, or a range with or without step. `nth`: the occurrences that its days are bound to.
  Done parse_range(std::string_view element, std::uint8_t nth) {
    const FieldRule& rule = kFields[field_];
    std::string_view low_text = element, high_text, step_text;
    bool start_with_step = false;
    const auto dash = element.find('-'), slash = element.find('/');
    if (slash != std::string_view::npos) {
      low_text = element.substr(0, slash);
      step_text = element.substr(slash + 1);
      if (!is_number(step_text)) return refuse(element, "has a step that is no number");
    }
    int low = rule.min, high = rule.max;
    if (slash != std::string_view::npos && low_text == "*") {
      // The whole field.
    } else if (dash != std::string_view::npos && dash < slash) {
      if (dash == 0) return refuse(element, "is negative");
      high_text = low_text.substr(dash + 1);
      low_text = low_text.substr(0, dash);
      if (field_ == Cron::day && high_text == "l") high_text = "31";
      for (const auto& [bound, into] : {std::pair{low_text, &low}, {high_text, &high}}) {
        const auto value = bound_value(bound);
        if (!value) return refuse(element, "is no range");
        *into = *value;
      }
    } else if (slash != std::string_view::npos) {
      const auto value = bound_value(low_text);
      if (!value) return refuse(element, "does not begin with a value");
      low = *value;
      start_with_step = true;
    } else {
      return add_single(element, nth);
    }

    const int step = step_text.empty() ? 1 : to_number(step_text);
    if (step == 0) return refuse(element, "has the step 0", "steps begin with 1");
    if (std::max(low, high) > rule.max) return out_of_range(element);
    if (start_with_step && low == high) return add_value(element, low, nth);
    // An equal range means the whole field: jan-jan, 0-7 in days of the week.
    if (low == high) {
      low = rule.min;
      high = rule.max;
    }
    if (low <= high) {
      for (int value = low; value <= high; value += step) {
        if (auto done = add_value(element, value, nth); !done) return done;
      }
      return {};
    }
    return add_wrapped(element, low, high, step, nth);
  }

  // A range that goes over the end of the field: fri-mon, 22-2/3.
  Done add_wrapped(std::string_view element, int low, int high, int step, std::uint8_t nth) {
    const FieldRule& rule = kFields[field_];
    int last = low;
    for (int value = low; value <= rule.max; value += step) {
      last = value;
      if (auto done = add_value(element, value, nth); !done) return done;
    }
    // croniter's own arithmetic: the step goes on over the end only where its last value was too near to it.
    const int left = rule.max - last, width = rule.max - rule.min + 1;
    const int skip = last - rule.min + step > width && left < step ? step - left : 0;
    for (int value = rule.min + skip; value <= high; value += step) {
      if (auto done = add_value(element, value, nth); !done) return done;
    }
    return {};
  }

  [[nodiscard]] std::optional<int> bound_value(std::string_view text) const {
    if (!is_number(text)) return name_value(field_, text);
    return fold_sunday(to_number(text));
  }

  [[nodiscard]] int fold_sunday(int value) const { return field_ == Cron::weekday && value == 7 ? 0 : value; }

  Done add_single(std::string_view element, std::uint8_t nth) {
    if (element == "*" && nth == 0) {
      cron_.fields_[field_].any = true;
      return {};
    }
    if (element == "l" && field_ == Cron::day) {
      cron_.fields_[field_].last = true;
      return {};
    }
    const auto value = bound_value(element);
    if (value) return add_value(element, *value, nth);
    if (element.empty()) return refuse(tokens_[field_], "has an empty place in its list");
    return refuse(element, "is no value of this field");
  }

  Done add_value(std::string_view element, int value, std::uint8_t nth) {
    if (value < kFields[field_].min || value > kFields[field_].max) return out_of_range(element);
    cron_.fields_[field_].values.push_back(value);
    if (nth != 0) {
      cron_.nth_weekdays_[static_cast<std::size_t>(value)] |= nth;
      cron_.has_nth_weekdays_ = true;
    }
    return {};
  }

  // Sorts, and makes "*" of a field that names all values; not of one day field where the other is restricted, since then
  // either of the two would be enough for every day.
  void finish_field() {
    CronField& field = cron_.fields_[field_];
    std::ranges::sort(field.values);
    const auto duplicates = std::ranges::unique(field.values);
    field.values.erase(duplicates.begin(), duplicates.end());
    const std::size_t size = field.values.size() + (field.any ? 1 : 0) + (field.last ? 1 : 0);
    if (size != static_cast<std::size_t>(kFields[field_].max) - static_cast<std::size_t>(kFields[field_].min) + 1) return;
    const auto is_restricted = [&](std::size_t other) { return tokens_[other].find('*') == std::string_view::npos; };
    if (field_ == Cron::day && is_restricted(Cron::weekday)) return;
    if (field_ == Cron::weekday && is_restricted(Cron::day)) return;
    field = CronField{.any = true, .last = false, .values = {}};
  }

  [[nodiscard]] bool mixes_nth_and_plain_weekdays() const {
    if (!cron_.has_nth_weekdays_) return false;
    const CronField& days = cron_.fields_[Cron::weekday];
    if (days.values.size() + (days.any ? 1 : 0) == kWeekdays.size()) return false;
    return std::ranges::any_of(days.values, [&](int d) { return cron_.nth_weekdays_[static_cast<std::size_t>(d)] == 0; });
  }

  std::string_view original_;
  std::string text_;
  std::vector<std::string_view> tokens_;
  std::size_t field_ = 0;
  Cron cron_;
};

Result<Cron> Cron::parse(std::string_view expression) {
  return CronParser(expression).parse();
}

}  // namespace venturi::schedule
