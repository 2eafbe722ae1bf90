// Functions that are called when a try ends: in its own process after the end was accepted.
#include "venturi/callback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/testing/try_of.h"

namespace venturi {
namespace {

using internal::Answer;
using internal::Try;
using internal::try_of;
using testing::ElementsAre;

void tell(const CallbackContext& context) {
  context.log().info("told of ", std::string(context.event()), context.error().empty() ? "" : ": ", context.error());
}

// With a callback for each event.
TaskOptions all_told() {
  return {.on_execute_callback = tell,
          .on_failure_callback = tell,
          .on_success_callback = tell,
          .on_retry_callback = tell,
          .on_skipped_callback = tell};
}

template <class F>
Try run(F body, const TaskOptions& options, const internal::TryOptions& how = {},
        internal::FakeSupervisor::Answers answers = {}) {
  DagBag bag;
  bag.add("d").task("t", body, options);
  return try_of(bag, "d", "t", how, std::move(answers));
}

TEST(Callback, EachEndHasItsOwn) {
  EXPECT_THAT(run([] {}, all_told()).events(), ElementsAre("told of execute", "told of success"));
  EXPECT_THAT(run([] { skip_task(""); }, all_told()).events(),
              ElementsAre("told of execute", "Skipping task.", "told of skipped"));
  EXPECT_THAT(run([] { throw std::runtime_error("bad"); }, all_told()).events(),
              ElementsAre("told of execute", "bad", "told of failure: bad"));
  EXPECT_THAT(run([] { throw std::runtime_error("bad"); }, all_told(), {.should_retry = true}).events(),
              ElementsAre("told of execute", "bad", "told of retry: bad"));
}

TEST(Callback, ComesAfterTheEndWasAccepted) {
  const Try t = run([] {}, {.on_success_callback = [](const CallbackContext& context) { context.set_variable("done", "1"); }});
  EXPECT_THAT(t.types(), ElementsAre("SucceedTask", "PutVariable"));
}

TEST(Callback, OfASuccessThatWasRefusedIsNotRun) {
  const Try t = run([] {}, all_told(), {},
                    [](const Value& request) {
                      if (request.get_string("type") != "SucceedTask") return Answer{};
                      return Answer{{}, Object{{"type", "ErrorResponse"}, {"error", "API_SERVER_ERROR"}, {"detail", nullptr}}};
                    });
  EXPECT_THAT(t.events(), ElementsAre("told of execute", "SucceedTask was refused: API_SERVER_ERROR"));
}

TEST(Callback, OneThatThrowsEndsNeitherTheTryNorTheOthers) {
  const auto throws = [](const CallbackContext&) { throw std::runtime_error("no mail today"); };
  const Try t = run([] {}, {.on_execute_callback = throws, .on_success_callback = {throws, tell}});
  EXPECT_EQ(t.exit_code, 0);
  EXPECT_THAT(t.events(), ElementsAre("the on_execute_callback failed: no mail today",
                                      "the on_success_callback failed: no mail today", "told of success"));
}

TEST(Callback, LambdasKeepWhatTheyCapture) {
  const std::string name = "a long name that lies on the heap";
  Callbacks callbacks([name](const CallbackContext& context) { context.log().info(name); });
  const Callbacks copy = callbacks;
  callbacks = Callbacks();
  EXPECT_THAT(run([] {}, {.on_success_callback = copy}).events(), ElementsAre(name));
}

TEST(Callback, NotifiersAreDataThatTheProgramDoesNotRun) {
  const Callback mail = email_to("ops@example.com");
  EXPECT_FALSE(mail.is_function());
  EXPECT_EQ(mail.notifier().classpath, "venturi.notifiers.smtp.SmtpNotifier");
  EXPECT_EQ(to_json(mail.notifier().kwargs),
            R"({"to":["ops@example.com"],"smtp_conn_id":"smtp_default","mime_charset":"utf-8"})");
  EXPECT_TRUE(run([] {}, {.on_success_callback = mail}).log.empty());
}

TEST(Callback, TheNotifierSaysOnlyWhatIsGiven) {
  const Notifier all = SmtpNotifier{.to = {"a@example.com"},
                                    .subject = "s",
                                    .text_content = "t",
                                    .html_content = "h",
                                    .from_email = "f@example.com",
                                    .cc = {"c@example.com"},
                                    .bcc = {"b@example.com"},
                                    .files = {"/f"},
                                    .smtp_conn_id = "relay",
                                    .mime_charset = "koi8-r",
                                    .custom_headers = {{"X-A", "1"}}};
  EXPECT_EQ(to_json(all.kwargs),
            R"({"to":["a@example.com"],"subject":"s","text_content":"t","html_content":"h","from_email":"f@example.com",)"
            R"("cc":["c@example.com"],"bcc":["b@example.com"],"files":["/f"],"smtp_conn_id":"relay","mime_charset":"koi8-r",)"
            R"("custom_headers":{"X-A":"1"}})");
}

}  // namespace
}  // namespace venturi
