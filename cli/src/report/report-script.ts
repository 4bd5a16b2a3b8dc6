/**
 * Filter, search and enlarge for report.html. The page is complete and in order without it; it only hides rows and
 * shows a picture larger.
 */
export const REPORT_SCRIPT = `
const tools = document.querySelector('.tools');
const search = tools.querySelector('input');
const buttons = [...tools.querySelectorAll('button[data-outcome]')];
const output = tools.querySelector('output');
const none = document.querySelector('#none');
const studies = [...document.querySelectorAll('.study')];
const texts = studies.map((study) => study.textContent.toLowerCase());
const apply = () => {
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const outcomes = new Set(buttons.filter((b) => b.ariaPressed === 'true').map((b) => b.dataset.outcome));
  let shown = 0;
  studies.forEach((study, index) => {
    const fits = (outcomes.size === 0 || outcomes.has(study.dataset.outcome)) &&
      words.every((word) => texts[index].includes(word));
    study.hidden = !fits;
    if (fits) shown += 1;
  });
  output.value = shown === studies.length ? studies.length + ' studies' : shown + ' of ' + studies.length + ' studies';
  if (none) none.hidden = shown > 0;
};
search.addEventListener('input', apply);
for (const button of buttons) {
  button.addEventListener('click', () => {
    button.ariaPressed = button.ariaPressed === 'true' ? 'false' : 'true';
    apply();
  });
}
const dialog = document.querySelector('dialog');
const large = dialog.querySelector('img');
document.addEventListener('click', (event) => {
  const picture = event.target.closest('figure button')?.querySelector('img');
  if (picture) {
    large.src = picture.src;
    large.alt = picture.alt;
    dialog.showModal();
  } else if (event.target.closest('dialog')) {
    dialog.close();
  }
});
addEventListener('beforeprint', () => {
  for (const study of studies) if (study.dataset.findings !== '0') study.open = true;
});
tools.hidden = studies.length === 0;
apply();
`;
