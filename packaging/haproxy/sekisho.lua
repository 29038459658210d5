-- Sekisho for HAProxy 2.6: asks the gateway about every request.
--
-- HAProxy has no forward-auth of its own; this registers the action `lua.sekisho`, which sends the
-- request's method and address to /authz/forward-auth and leaves the answer in variables:
--   txn.sekisho.status    200, 302, 401, 403; 503 when the gateway could not be asked
--   txn.sekisho.location  where to sign in (302 for a page load, 401)
--   txn.sekisho.challenge the WWW-Authenticate of a 401
--   txn.sekisho.user, .name, .groups  who it is (200)
-- Anything but 200 must be refused by the rules in haproxy.cfg.  The global section sets:
--   setenv SEKISHO_GATEWAY https://127.0.0.1:8443
--   setenv SEKISHO_PORTAL portal.town.example

local gateway = os.getenv("SEKISHO_GATEWAY")
local portal = os.getenv("SEKISHO_PORTAL")

local function first(headers, name)
  local values = headers and headers[name]
  return values and values[0] or ""
end

core.register_action("sekisho", { "http-req" }, function(txn)
  local sent = {
    host = { portal },
    ["x-forwarded-method"] = { txn.f:method() },
    ["x-forwarded-proto"] = { "https" },
    ["x-forwarded-host"] = { txn.f:req_fhdr("host") or "" },
    ["x-forwarded-uri"] = { txn.f:pathq() },
    ["x-forwarded-for"] = { txn.f:src() },
  }
  for _, name in ipairs({ "cookie", "accept", "x-requested-with" }) do
    local value = txn.f:req_fhdr(name)
    if value then sent[name] = { value } end
  end

  local answer = core.httpclient():get({
    url = gateway .. "/authz/forward-auth", headers = sent, timeout = 5000 })
  local status = answer and answer.status or 0
  if status < 200 or status > 499 then status = 503 end
  txn:set_var("txn.sekisho.status", status)
  if status == 302 or status == 401 then
    txn:set_var("txn.sekisho.location", first(answer.headers, "location"))
    txn:set_var("txn.sekisho.challenge", first(answer.headers, "www-authenticate"))
  elseif status == 200 then
    txn:set_var("txn.sekisho.user", first(answer.headers, "remote-user"))
    txn:set_var("txn.sekisho.name", first(answer.headers, "remote-name"))
    txn:set_var("txn.sekisho.groups", first(answer.headers, "remote-groups"))
  end
end)
