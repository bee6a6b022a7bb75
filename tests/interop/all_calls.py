"""Every unary RPC of ChatService, asked through somebody's stubs, in the JSON of protobuf:
ids are text, names are lowerCamelCase."""

SITE_ID = "interop-visitor"
ID_MAX = "18446744073709551615"


class AllCalls:
    """`ask(rpc, request)` returns {"ok": response}, or {"code": ..., "reason": ...}."""

    def __init__(self, test, ask):
        self._test = test
        self._ask = ask
        self.called = set()

    def _ok(self, rpc, **request):
        self.called.add(rpc)
        answer = self._ask(rpc, request)
        self._test.assertIn("ok", answer, f"{rpc}: {answer}")
        return answer["ok"]

    def run(self):
        equal = self._test.assertEqual
        conversation, user = self._begin()
        self._converse(conversation, user)
        self._know_the_lead(conversation, user)
        self._read_the_log(conversation)
        refused = self._ask("GetConversation", {"conversationId": ID_MAX})
        equal(refused, {"code": "NOT_FOUND", "reason": "LookupError"})

    def _begin(self):
        ask = {"userId": SITE_ID, "byUserId": True, "body": "Hello? Алло?", "randomId": 4294967295}
        conversation = self._ok("StartConversation", **ask, requestId="interop-start")["id"]
        again = self._ok("StartConversation", **ask, requestId="interop-start")["id"]
        self._test.assertEqual(again, conversation, "a request_id makes the change once")
        found = self._ok("GetConversation", conversationId=conversation)["conversation"]
        self._test.assertEqual(found["id"], conversation)
        self._test.assertEqual(found["partLast"]["body"], "Hello? Алло?")
        self._test.assertEqual(found["partLast"]["randomId"], 4294967295)
        return conversation, found["user"]["id"]

    def _converse(self, conversation, user):
        equal, named = self._test.assertEqual, {"conversationId": conversation}
        self._ok("SetTyping", **named, body="Let me s", botName="Interop")
        part = self._ok("ReplyToConversation", **named, body="Let me see 👀", botName="Interop")["part"]
        equal((part["body"], part["sender"]["admin"]["name"]), ("Let me see 👀", "Interop"))
        self._ok("MarkConversationRead", **named)
        self._test.assertIn("id", self._ok("TagConversation", **named, action="add", tag="interop"))
        equal(self._ok("TagConversation", **named, action="add", tag="interop"), {})
        self._ok("AssignConversation", **named)
        self._ok("CloseConversation", **named)
        parts = self._ok("ListConversationParts", **named, pageSize=2)
        equal([parts["parts"][0]["type"], len(parts["parts"])], ["closed", 2])
        older = self._ok("ListConversationParts", **named, pageToken=parts["nextPageToken"])
        equal(older["parts"][-1]["body"], "Hello? Алло?")
        closed = self._ok("ListConversations", includeNotAssigned=True, closed=True, tags=["interop"])
        equal([one["id"] for one in closed["conversations"]], [conversation])
        sent = self._ok("SendMessage", userId=user, body="How was it?")
        listed = self._ok("ListUserConversations", userId=user)["conversations"]
        equal([one["id"] for one in listed], [sent["conversation"], conversation])

    def _know_the_lead(self, conversation, user):
        equal = self._test.assertEqual
        operations = [
            {"op": "update_or_create", "key": "$name", "value": "Ada"},
            {"op": "add", "key": "visits", "value": 3},
        ]
        changed = self._ok("SetUserProps", userId=user, operations=operations)
        equal(sorted(changed["affectedProps"]), ["$name", "visits"])
        found = self._ok("GetUser", userId=SITE_ID, byUserId=True, propsCustom=True)["user"]
        equal((found["id"], found["props"]["$name"], found["propsCustom"]["visits"]), (user, "Ada", 3))
        filters = {"filters": [{"type": "str_eq", "propertyName": "$name", "value": {"value": "Ada"}}]}
        equal(self._ok("ListUsers", filters=filters)["total"], "1")
        self._ok("SetUserPresence", userId=user, presence="online", session="a1" * 16)
        active = self._ok("ListActiveUsers")["users"]
        equal([(one["id"], one["presence"]) for one in active], [(user, "online")])
        self._ok("TrackUserEvent", userId=user, event="Opened page", params={"page": "/pricing"})
        event = self._ok("ListUserEvents", userId=user, filterName="Opened page")["events"][0]
        equal((event["type"]["name"], event["props"]["page"]), ("Opened page", "/pricing"))
        self._test.assertIsInstance(self._ok("ListChannels").get("channels", []), list)

    def _read_the_log(self, conversation):
        equal = self._test.assertEqual
        page = self._ok("ListEvents", filter={"conversations": [f"dashly:{conversation}"]}, pageSize=50)
        first = page["events"][0]
        equal(first["source"], "EVENT_SOURCE_EMBEDDED")
        equal(first["dashlyConversation"]["conversation"]["conversation"], conversation)
        equal(self._ok("GetEvent", id=first["id"])["event"]["seq"], first["seq"])
