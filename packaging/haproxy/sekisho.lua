-- Sekisho for HAProxy 2.6: asks the gateway about every request.
--
-- HAProxy has no forward-auth of its own; this registers the action `lua.sekisho`, which sends the
-- request's method and address to /authz/forward-auth and leaves the answer in variables:
--   txn.sekisho.status    200, 302, 401, 403; 503 when the gateway could not be asked
--   txn.sekisho.location  where to sign in (302 for a page load, 401)
--   txn.sekisho.challenge the WWW-Authenticate of a 401
--   txn.sekisho.user, .name, .groups  who it is (200)
--   txn.sekisho.identity  the signed word on it (200), for an application that asks for it
-- It takes our cookies out of the request, because whoever holds a session cookie is that person at
-- every application.  Anything but 200 must be refused by the rules in haproxy.cfg.  The global section sets:
--   setenv SEKISHO_GATEWAY https://127.0.0.1:8443
--   setenv SEKISHO_PORTAL portal.town.example
-- and every frontend names its application, before lua.sekisho:
--   http-request set-var(txn.sekisho.host) str(tax.town.example)

local gateway = os.getenv("SEKISHO_GATEWAY")
local portal = os.getenv("SEKISHO_PORTAL")

local function first(headers, name)
  local values = headers and headers[name]
  return values and values[0] or ""
end

local ours = {
  ["__host-sekisho"] = true, ["__secure-sekisho"] = true, ["__host-sekisho-form"] = true }

-- A Cookie field without our cookies; empty when nothing is left.
local function without_ours(field)
  local kept = {}
  for pair in field:gmatch("[^;]+") do
    local trimmed = pair:match("^%s*(.-)%s*$")
    local name = trimmed:match("^[^=]*"):match("^(.-)%s*$")
    if trimmed ~= "" and not ours[name:lower()] then kept[#kept + 1] = trimmed end
  end
  return table.concat(kept, "; ")
end

-- Hands out all Cookie fields of the request as one, and leaves those of others in it.
local function take_cookies(txn)
  local fields = txn.http:req_get_headers()["cookie"]
  if not fields then return nil end
  local all = {}
  for at = 0, #fields do all[#all + 1] = fields[at] end
  local field = table.concat(all, "; ")
  txn.http:req_del_header("cookie")
  local others = without_ours(field)
  if others ~= "" then txn.http:req_add_header("cookie", others) end
  return field
end

-- Whose rules count is the frontend's to say; of what the client says only the port is taken, for
-- the way back from the sign-in page.
local function guarded_host(txn)
  local name = txn:get_var("txn.sekisho.host")
  if not name then return nil end
  return name .. ((txn.f:req_fhdr("host") or ""):match(":%d+$") or "")
end

core.register_action("sekisho", { "http-req" }, function(txn)
  local host = guarded_host(txn)
  if not host then
    txn:set_var("txn.sekisho.status", 503)
    return
  end
  local sent = {
    host = { portal },
    ["x-forwarded-method"] = { txn.f:method() },
    ["x-forwarded-proto"] = { "https" },
    ["x-forwarded-host"] = { host },
    ["x-forwarded-uri"] = { txn.f:pathq() },
    ["x-forwarded-for"] = { txn.f:src() },
  }
  local cookies = take_cookies(txn)
  if cookies then sent["cookie"] = { cookies } end
  for _, name in ipairs({ "accept", "sec-fetch-mode", "x-requested-with", "origin",
                           "sec-websocket-key" }) do
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
    local identity = first(answer.headers, "sekisho-identity")
    if identity ~= "" then txn:set_var("txn.sekisho.identity", identity) end
  end
end)
