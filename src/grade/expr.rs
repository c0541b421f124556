//! What an answer says, as a tree.

use num_rational::BigRational;

/// A function of one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    /// Sine.
    Sin,
    /// Cosine.
    Cos,
    /// Tangent.
    Tan,
    /// Cotangent.
    Cot,
    /// Secant.
    Sec,
    /// Cosecant.
    Csc,
    /// Inverse sine.
    Arcsin,
    /// Inverse cosine.
    Arccos,
    /// Inverse tangent.
    Arctan,
    /// Hyperbolic sine.
    Sinh,
    /// Hyperbolic cosine.
    Cosh,
    /// Hyperbolic tangent.
    Tanh,
    /// Natural logarithm. `\log` without a base is read so too.
    Ln,
    /// Exponential.
    Exp,
    /// Absolute value.
    Abs,
    /// Greatest integer not above.
    Floor,
    /// Least integer not below.
    Ceil,
}

impl Function {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "sin" => Self::Sin,
            "cos" => Self::Cos,
            "tan" | "tg" => Self::Tan,
            "cot" | "ctg" => Self::Cot,
            "sec" => Self::Sec,
            "csc" | "cosec" => Self::Csc,
            "arcsin" | "asin" => Self::Arcsin,
            "arccos" | "acos" => Self::Arccos,
            "arctan" | "atan" => Self::Arctan,
            "sinh" => Self::Sinh,
            "cosh" => Self::Cosh,
            "tanh" => Self::Tanh,
            "ln" | "log" => Self::Ln,
            "exp" => Self::Exp,
            "abs" => Self::Abs,
            "floor" => Self::Floor,
            "ceil" => Self::Ceil,
            _ => return None,
        })
    }

    pub(super) fn inverse(self) -> Option<Self> {
        match self {
            Self::Sin => Some(Self::Arcsin),
            Self::Cos => Some(Self::Arccos),
            Self::Tan => Some(Self::Arctan),
            _ => None,
        }
    }
}

/// How two sides of a relation stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// `=`, and `≈`.
    Equal,
    /// `≠`.
    NotEqual,
    /// `<`.
    Less,
    /// `≤`.
    LessEqual,
    /// `>`.
    Greater,
    /// `≥`.
    GreaterEqual,
    /// `∈`.
    In,
}

/// What an answer says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    /// An integer, a decimal, a mixed number.
    Number(BigRational),
    /// A free symbol, with its subscript.
    Symbol(String),
    /// π.
    Pi,
    /// Euler's number.
    E,
    /// The imaginary unit.
    I,
    /// ∞.
    Infinity,
    /// A sum.
    Sum(Vec<Self>),
    /// A product.
    Product(Vec<Self>),
    /// A quotient.
    Quotient(Box<Self>, Box<Self>),
    /// A power.
    Power(Box<Self>, Box<Self>),
    /// A root: degree, radicand.
    Root(u32, Box<Self>),
    /// A factorial.
    Factorial(Box<Self>),
    /// A function of one argument.
    Call(Function, Box<Self>),
    /// A logarithm: base, argument.
    Log(Box<Self>, Box<Self>),
    /// A binomial coefficient.
    Choose(Box<Self>, Box<Self>),
    /// `a ± b`: both values.
    PlusMinus(Box<Self>, Box<Self>),
    /// A number of degrees.
    Degrees(Box<Self>),
    /// A number of per cent.
    Percent(Box<Self>),
    /// A number with a unit or other words after it.
    Measured(Box<Self>, String),
    /// Digits in a base: `204_5`.
    Based(String, u32),
    /// A tuple or an interval, with its brackets.
    Sequence(char, Vec<Self>, char),
    /// A set in braces.
    Set(Vec<Self>),
    /// Values separated by commas, “and”, “or”.
    List(Vec<Self>),
    /// A matrix or a column.
    Matrix(Vec<Vec<Self>>),
    /// A union of intervals or sets.
    Union(Vec<Self>),
    /// Sides, and the signs between them.
    Relation(Vec<Self>, Vec<Sign>),
    /// Words.
    Text(String),
}

impl Expr {
    pub(super) fn int(n: i64) -> Self {
        Self::Number(BigRational::from_integer(n.into()))
    }

    pub(super) fn negative(self) -> Self {
        match self {
            Self::Number(n) => Self::Number(-n),
            Self::Percent(of) => Self::Percent(Box::new(of.negative())),
            Self::Degrees(of) => Self::Degrees(Box::new(of.negative())),
            Self::Measured(of, unit) => Self::Measured(Box::new(of.negative()), unit),
            other => Self::Product(vec![Self::int(-1), other]),
        }
    }

    /// Whether a relation with this on its left defines it: `x`, `x_1`, `f(x)`, `AB`, `\angle A`.
    pub(super) fn is_name(&self) -> bool {
        match self {
            Self::Symbol(_) | Self::Text(_) | Self::I | Self::E => true,
            Self::Product(factors) => {
                factors.len() <= 6
                    && factors.iter().all(|f| {
                        matches!(f, Self::Symbol(_) | Self::Text(_) | Self::I | Self::E)
                            || matches!(f, Self::Sequence(..))
                    })
                    && matches!(factors[0], Self::Symbol(_) | Self::Text(_))
            }
            Self::Call(Function::Abs, of) => of.is_name(),
            _ => false,
        }
    }
}
