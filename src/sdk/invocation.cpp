// The bridge between a task's function and the values that travel.
#include "sdk/context_data.h"
#include "venturi/task_function.h"

namespace venturi::inline sdk::detail {

void Invocation::read(std::size_t index, void* to, const Type& type) {
  const TaskInput& input = task_.inputs.at(index);
  const Value& value = data_.inputs.at(index);
  std::string what = "input " + std::to_string(index + 1);
  if (input.from != nullptr) {
    what =
        input.key == "return_value" ? "result of " + input.from->task_id : "XCom " + input.key + " of " + input.from->task_id;
    if (value.is_null() && !type.nullable) {
      throw ConversionError(what +
                            ": there is none, since that task was skipped or returned nothing; to go on without it take a "
                            "std::optional<...>");
    }
  }
  type.read(type, value, to, Reading{.run_dir = data_.run_files(), .what = what});
}

void Invocation::result(const void* value, const Type& type) {
  type.write(type, value, data_.result);
}

}  // namespace venturi::inline sdk::detail
