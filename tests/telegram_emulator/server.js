// telegram-test-api as a process: `node server.js PORT`. It says when it is ready.
// Telegram sends the secret along that it was told with setWebhook; the emulator forgets it, so it is put there.
const axios = require('axios')
const TelegramServer = require('telegram-test-api')

const server = new TelegramServer({ port: Number(process.argv[2]), host: '127.0.0.1' })
axios.interceptors.request.use((request) => {
  const webhook = Object.values(server.webhooks).find(({ url }) => url === request.url)
  if (webhook) request.headers['X-Telegram-Bot-Api-Secret-Token'] = webhook.secret_token
  return request
})
server.start().then(() => console.log('ready'))
