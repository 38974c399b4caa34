// nodemailer's pool: node nodemailer_pool.js PORT CONNECTIONS MAILS FOLDER. Prints the seconds of its sending.
const fs = require('node:fs');
const nodemailer = require('nodemailer');

const [port, connections, mails, folder] = process.argv.slice(2);
const text = fs.readFileSync(`${folder}/issue.txt`, 'utf8');
const html = fs.readFileSync(`${folder}/issue.html`, 'utf8');

function mail(number) {
  const token = String(number).padStart(7, '0');
  const own = (body) => body.replaceAll('/preview', `/${token}`);
  return {
    from: 'Paper Weekly <digest@news.example.org>',
    to: `reader${number}@example.org`,
    subject: 'Moraine, Longhouse and Skipstone lead 16 papers',
    messageId: `<1.${token}@news.example.org>`,
    headers: {
      'List-Unsubscribe': `<https://news.example.org/weekly/unsubscribe/${token}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
    text: own(text),
    html: own(html),
  };
}

async function main() {
  const pool = nodemailer.createTransport({
    host: '127.0.0.1', port: Number(port), secure: false, ignoreTLS: true,
    pool: true, maxConnections: Number(connections), maxMessages: Infinity,
  });
  const began = process.hrtime.bigint();
  let next = 0;
  const lane = async () => { while (next < Number(mails)) await pool.sendMail(mail(next++)); };
  await Promise.all(Array.from({ length: 2 * Number(connections) }, lane));
  console.log(Number(process.hrtime.bigint() - began) / 1e9);
  pool.close();
}

main();
