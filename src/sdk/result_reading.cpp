// Pages of a warehouse's result as C++ values.
#include <utility>

#include "sdk/hook_access.h"
#include "sdk/row_reader.h"
#include "venturi/hooks/result.h"

namespace venturi::inline sdk::detail {

struct ResultReading::State {
  State(ResultCall its, const Type& row) : call(std::move(its)), reader(row) {
    if (Object forms = internal::RowReader::forms(row); !forms.empty()) call.connection.set("as", std::move(forms));
    take(call.method, std::move(call.arguments));
    reader.set_columns(page.at("columns").as_array());
  }

  void take(std::string_view method, Object arguments) {
    for (const auto& [name, value] : call.connection) arguments.set(name, value);
    page = internal::call_hook(call.context, call.hook_class, call.hook, method, call.conn_id, std::move(arguments));
    at = 0;
  }
  [[nodiscard]] const Array& rows() const { return page.at("rows").as_array(); }

  ResultCall call;
  internal::RowReader reader;
  Value page;
  std::size_t at = 0;
};

ResultReading::ResultReading(ResultCall call, const Type& row) : state_(new State(std::move(call), row)) {}
ResultReading::ResultReading(ResultReading&&) noexcept = default;
ResultReading& ResultReading::operator=(ResultReading&&) noexcept = default;
ResultReading::~ResultReading() = default;

bool ResultReading::next(void* row) {
  State& s = *state_;
  while (s.at == s.rows().size()) {
    Value more = s.page.take_value("more");
    if (more.is_null()) return false;
    s.take("rows", {{"more", std::move(more)}});
  }
  s.reader.read(s.rows()[s.at++], row);
  return true;
}

}  // namespace venturi::inline sdk::detail
