// Rows that the operator host gives in pages, as C++ values.
#include <span>

#include "sdk/postgres_calls.h"

namespace venturi::inline sdk {
namespace internal {

Value call_postgres(const detail::PgTarget& target, std::string_view method, Object arguments) {
  if (!target.options.database.empty()) arguments.set("database", target.options.database);
  if (!target.options.options.empty()) arguments.set("options", target.options.options);
  if (target.transaction != 0) arguments.set("transaction", target.transaction);
  return call_hook(target.context, "PostgresHook", "postgres", method, target.conn_id, std::move(arguments));
}

PgPages::PgPages(const detail::PgTarget& target, std::string_view method, Object arguments)
    : page(call_postgres(target, method, std::move(arguments))), target_(target), more_(page.get_int("more")) {}

PgPages::~PgPages() {
  if (more_ == 0) return;
  try {
    (void)call_postgres(target_, "drop", {{"reading", more_}});
  } catch (const std::exception&) {
    return;  // it is gone already
  }
}

bool PgPages::next() {
  if (more_ == 0) return false;
  const std::int64_t reading = std::exchange(more_, 0);  // where it fails nothing is left to be dropped
  page = call_postgres(target_, "next", {{"reading", reading}});
  more_ = page.get_int("more");
  return true;
}

}  // namespace internal

namespace detail {
namespace {

bool is_text(const Type* type) {
  return type == &string_type;
}
bool is_real(const Type* type) {
  return type == &double_type || type == &float_type;
}
const Type* without_optional(const Type* type) {
  return type->element != nullptr && type->name == "optional" ? type->element : type;
}

// How columns are wanted where their usual form in JSON is not exact (providers/postgres/pg_session.h: PgForms).
Object forms_for(const Type& row) {
  Object forms;
  const auto add = [&forms](std::string_view column, const Type* type) {
    type = without_optional(type);
    if (is_text(type)) forms.set(column, "text");
    if (is_real(type)) forms.set(column, "real");
  };
  for (const Field& field : std::span(row.fields, row.field_count)) add(field.name, field.type);
  if (row.fields == nullptr) add("*", row.name == "vector" ? row.element : &row);
  return forms;
}

}  // namespace

struct PgReading::State {
  State(const PgTarget& target, Object arguments, const Type& row_type)
      : pages(target, "run", std::move(arguments)), row(row_type) {
    take();
  }

  internal::PgPages pages;
  const Type& row;
  Array rows;
  std::size_t at = 0;
  std::int64_t affected = -1;
  std::vector<std::size_t> column_of_field;
  std::vector<std::string> columns;

  void take() {
    if (const Value* count = pages.page.get("affected")) affected = count->as_int();
    rows = std::move(pages.page.as_object().find("rows")->as_array());
    at = 0;
  }
  void set_columns(const Value& page) {
    for (const Value& column : page.at("columns").as_array()) columns.push_back(column.as_string());
    for (const Field& field : std::span(row.fields, row.field_count)) column_of_field.push_back(place_of(field));
  }
  [[nodiscard]] std::size_t place_of(const Field& field) const {
    std::string names;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (columns[c] == field.name) return c;
      names += (names.empty() ? "" : ", ") + columns[c];
    }
    throw ConversionError("the query has no column " + std::string(field.name) + " for the field of " + std::string(row.name) +
                          " (it has: " + names + ")");
  }
  void read(const Value& from, void* to) const {
    const Array& cells = from.as_array();
    if (row.fields != nullptr) {
      for (std::size_t f = 0; f < row.field_count; ++f) {
        const Field& field = row.fields[f];
        const Reading where{.run_dir = {}, .what = field.name};
        field.type->read(*field.type, cells[column_of_field[f]], static_cast<char*>(to) + field.offset, where);
      }
      return;
    }
    if (row.name == "vector") return row.read(row, from, to, Reading{.run_dir = {}, .what = "row"});
    if (cells.size() != 1) {
      throw ConversionError("the query has " + std::to_string(cells.size()) + " columns, and " + type_text(row) +
                            " takes one: read its rows into a VENTURI_STRUCT or a vector");
    }
    row.read(row, cells.front(), to, Reading{.run_dir = {}, .what = columns.front()});
  }
};

namespace {

Object run_arguments(std::string_view sql, Value parameters, const Type& row, PgFetch fetch) {
  Object arguments{{"sql", sql}, {"parameters", std::move(parameters)}};
  if (fetch == PgFetch::one) arguments.add("fetch", "one");
  if (fetch == PgFetch::none) arguments.add("fetch", "none");
  if (Object forms = forms_for(row); !forms.empty()) arguments.add("as", std::move(forms));
  return arguments;
}

}  // namespace

PgReading::PgReading(const PgTarget& target, std::string_view sql, Value parameters, const Type& row, PgFetch fetch)
    : state_(new State(target, run_arguments(sql, std::move(parameters), row, fetch), row)) {
  if (fetch == PgFetch::none) return;
  const Value& page = state_->pages.page;
  if (!page.get_bool("has_rows")) throw ConversionError("the statement returns no rows: use run() for its effect");
  state_->set_columns(page);
}

PgReading::PgReading(PgReading&&) noexcept = default;
PgReading& PgReading::operator=(PgReading&&) noexcept = default;
PgReading::~PgReading() = default;

std::int64_t PgReading::affected() const {
  return state_->affected;
}

bool PgReading::next(void* row) {
  State& s = *state_;
  while (s.at == s.rows.size()) {
    if (!s.pages.next()) return false;
    s.take();
  }
  s.read(s.rows[s.at++], row);
  return true;
}

void fail_without_row(std::string_view sql) {
  constexpr std::size_t shown = 200;
  throw HookError("the query returned no row: " + std::string(sql.substr(0, shown)) + (sql.size() > shown ? "..." : ""),
                  Object{{"rows", 0}});
}

}  // namespace detail
}  // namespace venturi::inline sdk
