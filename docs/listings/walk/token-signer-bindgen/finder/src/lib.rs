// ANCHOR: values
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
pub fn twice(number: u32) -> u32 {
    number.wrapping_mul(2)
}

#[wasm_bindgen]
pub fn next(number: u64) -> u64 {
    number.wrapping_add(1)
}

#[wasm_bindgen]
pub fn half(number: Option<f64>) -> Option<f64> {
    number.map(|number| number / 2.0)
}

#[wasm_bindgen]
pub fn sum(numbers: &[f64]) -> f64 {
    numbers.iter().sum()
}

#[wasm_bindgen]
pub fn characters(text: &str) -> Vec<String> {
    text.chars().map(String::from).collect()
}

#[wasm_bindgen]
pub fn type_of(value: &JsValue) -> String {
    value.js_typeof().as_string().unwrap()
}
// ANCHOR_END: values

// ANCHOR: text
/// A text, stored as its lines.
#[wasm_bindgen]
pub struct Text {
    lines: Vec<String>,
}

/// A line that contains the word, and its number, counted from 1.
#[wasm_bindgen(getter_with_clone)]
pub struct Hit {
    #[wasm_bindgen(readonly)]
    pub number: u32,
    #[wasm_bindgen(readonly)]
    pub line: String,
}

#[wasm_bindgen]
impl Text {
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str) -> Text {
        Text {
            lines: text.lines().map(String::from).collect(),
        }
    }

    /// Line `number`, counted from 1.
    pub fn line(&self, number: usize) -> Option<String> {
        self.lines.get(number.checked_sub(1)?).cloned()
    }

    /// All lines that contain `word`, in upper or lower case.
    pub fn find(&self, word: &str) -> Result<Vec<Hit>, JsError> {
        if word.trim().is_empty() {
            return Err(JsError::new("no word to look for"));
        }
        let word = word.to_lowercase();
        let numbered = (1..).zip(&self.lines);
        let hits = numbered.filter(|(_, line)| line.to_lowercase().contains(&word));
        Ok(hits
            .map(|(number, line)| Hit {
                number,
                line: line.clone(),
            })
            .collect())
    }

    pub fn push(&mut self, line: String) {
        self.lines.push(line);
    }

    /// Appends the lines of another text, and consumes that text.
    pub fn append(&mut self, other: Text) {
        self.lines.extend(other.lines);
    }
}
// ANCHOR_END: text

// ANCHOR: each
use js_sys::Function;

#[wasm_bindgen]
impl Text {
    /// Calls `visit(line)` for each line. Stops at the first error that `visit` throws.
    pub fn each(&self, visit: &Function) -> Result<(), JsValue> {
        for line in &self.lines {
            visit.call1(&JsValue::NULL, &JsValue::from_str(line))?;
        }
        Ok(())
    }
}
// ANCHOR_END: each

// ANCHOR: load
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn fetch(url: &str) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen]
impl Text {
    /// Loads the text at `url`.
    pub async fn load(url: String) -> Result<Text, JsValue> {
        let response: Response = fetch(&url).await?.dyn_into()?;
        if !response.ok() {
            return Err(JsError::new(&format!("{url}: status {}", response.status())).into());
        }
        let text = JsFuture::from(response.text()?).await?;
        Ok(Text::new(&text.as_string().unwrap_or_default()))
    }
}
// ANCHOR_END: load

// ANCHOR: attach
use web_sys::{Document, Element, Event, HtmlInputElement};

/// Shows in `list` the lines that contain what you type into `input`.
#[wasm_bindgen]
pub fn attach(text: Text, input: HtmlInputElement, list: Element) -> Result<(), JsValue> {
    let document = list.owner_document().ok_or("the list is on no page")?;
    let field = input.clone();
    let on_input = Closure::<dyn FnMut(Event) -> Result<(), JsValue>>::new(move |_event| {
        show(
            &document,
            &list,
            &text.find(&field.value()).unwrap_or_default(),
        )
    });
    input.add_event_listener_with_callback("input", on_input.as_ref().unchecked_ref())?;
    on_input.forget();
    Ok(())
}

fn show(document: &Document, list: &Element, hits: &[Hit]) -> Result<(), JsValue> {
    list.set_text_content(None);
    for Hit { number, line } in hits {
        let item = document.create_element("li")?;
        item.set_text_content(Some(&format!("{number}: {line}")));
        list.append_child(&item)?;
    }
    Ok(())
}
// ANCHOR_END: attach
