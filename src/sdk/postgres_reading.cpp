// Rows that the operator host gives in pages, as C++ values.
#include "sdk/postgres_calls.h"
#include "sdk/row_reader.h"

namespace venturi::inline sdk {
namespace internal {

Value call_postgres(const detail::PgTarget& target, std::string_view method, Object arguments) {
  if (!target.options.database.empty()) arguments.set("database", target.options.database);
  if (!target.options.options.empty()) arguments.set("options", target.options.options);
  if (target.transaction != 0) arguments.set("transaction", target.transaction);
  return call_hook(target.context, target.hook_class, target.hook, method, target.conn_id, std::move(arguments));
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
struct PgReading::State {
  State(const PgTarget& target, Object arguments, const Type& row) : pages(target, "run", std::move(arguments)), reader(row) {
    take();
  }

  internal::PgPages pages;
  internal::RowReader reader;
  Array rows;
  std::size_t at = 0;
  std::int64_t affected = -1;

  void take() {
    if (const Value* count = pages.page.get("affected")) affected = count->as_int();
    rows = std::move(pages.page.as_object().find("rows")->as_array());
    at = 0;
  }
};

namespace {

Object run_arguments(std::string_view sql, Value parameters, const Type& row, PgFetch fetch) {
  Object arguments{{"sql", sql}, {"parameters", std::move(parameters)}};
  if (fetch == PgFetch::one) arguments.add("fetch", "one");
  if (fetch == PgFetch::none) arguments.add("fetch", "none");
  if (Object forms = internal::RowReader::forms(row); !forms.empty()) arguments.add("as", std::move(forms));
  return arguments;
}

}  // namespace

PgReading::PgReading(const PgTarget& target, std::string_view sql, Value parameters, const Type& row, PgFetch fetch)
    : state_(new State(target, run_arguments(sql, std::move(parameters), row, fetch), row)) {
  if (fetch == PgFetch::none) return;
  const Value& page = state_->pages.page;
  if (!page.get_bool("has_rows")) throw ConversionError("the statement returns no rows: use run() for its effect");
  state_->reader.set_columns(page.at("columns").as_array());
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
  s.reader.read(s.rows[s.at++], row);
  return true;
}

void fail_without_row(std::string_view sql) {
  constexpr std::size_t shown = 200;
  throw HookError("the query returned no row: " + std::string(sql.substr(0, shown)) + (sql.size() > shown ? "..." : ""),
                  Object{{"rows", 0}});
}

}  // namespace detail
}  // namespace venturi::inline sdk
