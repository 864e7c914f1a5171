"use strict";

const form = document.getElementById("form");
const state = document.getElementById("state");
const problem = document.getElementById("problem");
const messages = document.getElementById("messages");
const nameField = document.getElementById("name");
const textField = document.getElementById("text");
const send = document.getElementById("send");

const connection = new signalR.HubConnectionBuilder()
    .withUrl("chat")
    .withAutomaticReconnect()
    .build();

function show(isConnected, sentence) {
    state.textContent = sentence;
    send.disabled = !isConnected;
}

async function showConnected() {
    show(true, "Connected.");
    // SignalR would fall back by itself; behind uwsgi_pass it need not.
    show(true, `Connected by ${await connection.invoke("Transport")}.`);
}

connection.on("said", (from, what, when) => {
    document.getElementById("empty").hidden = true;
    const item = document.createElement("li");
    item.className = from === nameField.value.trim() ? "mine" : "";
    const head = document.createElement("div");
    head.className = "head";
    head.textContent = `${from}, ${new Date(when).toLocaleTimeString()}`;
    const line = document.createElement("p");
    line.className = "text";
    line.textContent = what;
    item.append(head, line);
    messages.append(item);
    messages.scrollTop = messages.scrollHeight;
});

connection.onreconnecting(() => show(false, "Connection lost. Reconnecting …"));
connection.onreconnected(showConnected);
connection.onclose(() => show(false, "Disconnected. Reload the page to try again."));

form.addEventListener("submit", async event => {
    event.preventDefault();
    problem.textContent = "";
    try {
        await connection.invoke("Say", nameField.value, textField.value);
        textField.value = "";
        textField.focus();
    } catch (error) {
        problem.textContent = `Not sent: ${error.message}`;
    }
});

connection.start().then(showConnected, error => show(false, `No connection: ${error.message}`));
